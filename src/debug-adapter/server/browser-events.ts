// Replaces Node's `events` where there is none: the library's protocol server inherits from an emitter and only emits faults
// of pipes, which a browser's worker does not have.

export class EventEmitter {
  emit(): boolean {
    return false;
  }
}
