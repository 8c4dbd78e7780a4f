// Stands in for @vscode/spdlog, which is native code and not built here: without a logger VS Code's server loses what
// extensions write to output channels. Writes whole messages at once and never rotates: servers here live for minutes.
const fs = process.getBuiltinModule("node:fs");
const path = process.getBuiltinModule("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
  #file;
  #level = 0;
  #raw = false;

  constructor(_type, _name, file) {
    this.#file = file;
    fs.appendFileSync(file, "");
  }

  #write(level, message) {
    if (level < this.#level) return;
    const line = this.#raw ? message : `${new Date().toISOString().replace("T", " ").replace("Z", "")} [${LEVELS[level]}] ${message}\n`;
    fs.appendFileSync(this.#file, line);
  }

  trace(message) {
    this.#write(0, message);
  }
  debug(message) {
    this.#write(1, message);
  }
  info(message) {
    this.#write(2, message);
  }
  warn(message) {
    this.#write(3, message);
  }
  error(message) {
    this.#write(4, message);
  }
  critical(message) {
    this.#write(5, message);
  }
  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.#raw = true;
  }
  flush() {}
  drop() {}
}

async function createLogger(name, file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return new Logger("rotating", name, file);
}

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
