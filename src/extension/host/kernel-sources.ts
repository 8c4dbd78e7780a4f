// The sources of the kernel model as read-only files: lockbreak-kernel:/common/… for what all kernels share, and
// lockbreak-kernel:/<kernel>/… for what a kernel has changed. These addresses carry no version and no machine's path,
// so breakpoints in them survive updates.

import {
  EventEmitter,
  FileSystemError,
  FileType,
  MarkdownString,
  Uri,
  workspace,
  type Disposable,
  type FileStat,
  type FileSystemProvider,
} from "vscode";

export const KERNEL_SCHEME = "lockbreak-kernel";
export const KERNEL_LANGUAGE = "lockbreak-kernel";
/** The launch argument `kernelSources`: the adapter puts it before the path of a kernel source. */
export const KERNEL_BASE = `${KERNEL_SCHEME}:/`;

/** Serves the files of `folder`, where the sources lie as in the project: a folder of common files, and one for each kernel. */
export function registerKernelSources(folder: Uri): Disposable {
  const note = new MarkdownString(
    "This is the kernel model, as it runs. Set breakpoints in it; to change what happens, change the scenario.",
  );
  return workspace.registerFileSystemProvider(KERNEL_SCHEME, new KernelSourceProvider(folder), { isCaseSensitive: true, isReadonly: note });
}

class KernelSourceProvider implements FileSystemProvider {
  /** Never fires: shipped files don't change. */
  readonly onDidChangeFile = new EventEmitter<never>().event;

  constructor(private readonly folder: Uri) {}

  watch(): Disposable {
    return { dispose() {} };
  }

  async stat(uri: Uri): Promise<FileStat> {
    const stat = await this.shipped(uri, (file) => workspace.fs.stat(file));
    return { ...stat, ctime: 0, mtime: 0 };
  }

  /** What links the kernels, on top, is no kernel code. */
  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const entries = await this.shipped(uri, (folder) => workspace.fs.readDirectory(folder));
    return entries.filter(([, type]) => type === (uri.path === "/" ? FileType.Directory : FileType.File));
  }

  readFile(uri: Uri): Promise<Uint8Array> {
    return this.shipped(uri, (file) => workspace.fs.readFile(file));
  }

  /** Runs `use` on the shipped file behind `uri`. Throws FileNotFound for `uri` if it is missing. */
  private async shipped<T>(uri: Uri, use: (file: Uri) => Thenable<T>): Promise<T> {
    const parts = uri.path.split("/").filter((part) => part !== "");
    if (parts.includes("..")) throw FileSystemError.FileNotFound(uri);
    try {
      return await use(Uri.joinPath(this.folder, ...parts));
    } catch {
      throw FileSystemError.FileNotFound(uri);
    }
  }

  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }
}
