// The kernel's sources as the build found them: texts by path below src/engine/kernel.
declare module "lockbreak:kernel-sources" {
  const sources: Readonly<Record<string, string>>;
  export default sources;
}
