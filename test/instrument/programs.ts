// Random kernel functions as text. The writer tracks on its own which names can be read where and states it in every
// `note(id, { names })`, so that a mistake of the instrumenter shows, and so does one of the writer (reading a name that is
// not initialised throws).
import fc from "fast-check";

/** What the programs leave behind; every program ends because loops are short and `spent` stops calls after a while. */
export const TRACE_MODULE = `
export let notes: { id: number; locals: Record<string, unknown> }[] = [];
let fuel = 0;
export function reset() { notes = []; fuel = 60; }
export function note(id: number, locals: Record<string, unknown>): number { notes.push({ id, locals }); return notes.length; }
export function spent(): boolean { return (fuel -= 1) < 0; }
`;

interface Raw {
  readonly kind: number;
  /** Picks among whatever there is to pick from. */
  readonly a: number;
  readonly b: number;
  readonly bare: boolean;
  readonly first: readonly Raw[];
  readonly second: readonly Raw[];
}

/** The bodies of functions that call each other downwards. */
export type Program = readonly (readonly Raw[])[];

const LEAVES = [0, 1, 2, 3, 4, 4, 5, 5, 13, 13, 14];
const NESTS = [6, 6, 7, 8, 9, 10, 11, 12, 15];
/** Statements that have no other inside. */
const PLAIN = [4, 5, 14];

/** Bodies that nest at most `depth` deep. */
function bodies(depth: number): fc.Arbitrary<readonly Raw[]> {
  const inside = depth > 0 ? bodies(depth - 1) : fc.constant([]);
  const raw = (kinds: readonly number[], body: fc.Arbitrary<readonly Raw[]>) =>
    fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(9), b: fc.nat(9), bare: fc.boolean(), first: body, second: body });
  const leaf = raw(LEAVES, fc.constant([]));
  return fc.array(depth > 0 ? fc.oneof(leaf, raw(NESTS, inside)) : leaf, { maxLength: 4, size: "max" });
}

export const program: fc.Arbitrary<Program> = fc.array(bodies(3), { minLength: 2, maxLength: 4 });

/** TypeScript of all programs in one module; program i begins with the function `p<i>_0`. */
export function moduleText(programs: readonly Program[]): string {
  const functions = programs.flatMap((bodies, i) => bodies.map((body, j) => new Writer(`p${i}_`, j, bodies.length).functionText(body)));
  return `import { note, spent } from "../trace.ts";\n${functions.join("\n")}`;
}

/** What a statement can refer to. Blocks copy it. */
interface Scope {
  readonly names: readonly string[];
  readonly mutable: readonly string[];
  /** Innermost last; a loop's label may be continued. */
  readonly labels: readonly { name: string; loop: boolean }[];
  readonly inLoop: boolean;
  readonly inSwitch: boolean;
}

class Writer {
  private serial = 0;

  constructor(
    private readonly prefix: string,
    private readonly index: number,
    private readonly count: number,
  ) {}

  /** Its types are stripped without being checked, so `any` serves as well as another. */
  functionText(body: readonly Raw[]): string {
    const scope: Scope = { names: ["seed", "depth", "p", "q"], mutable: ["p", "q"], labels: [], inLoop: false, inSwitch: false };
    const parameters = "seed: number, depth: number, { p, r: [q = 7] = [] }: any = { p: 1 }";
    return `export function* ${this.prefix}${this.index}(${parameters}): Generator<any, number, any> {
if (spent()) return 0;
${this.block(body, scope)}
return ${this.noted(scope)};
}`;
  }

  /** A declaration hides its names in the whole block, so all names of a block are drawn before its text is written. */
  private block(list: readonly Raw[], outer: Scope): string {
    const taken = new Set<string>();
    const names = list.map((raw) => {
      const name = this.declaredName(raw);
      if (raw.kind > 3 || taken.has(name)) return [];
      const bound = raw.kind === 3 ? [name, `${name}_`] : [name];
      bound.forEach((each) => taken.add(each));
      return bound;
    });
    let scope = hide(outer, [...taken]);
    const lines = list.map((raw, i) => {
      const [name, ...more] = names[i] ?? [];
      if (name === undefined) return this.statement(raw.kind > 3 ? raw : { ...raw, kind: 4 }, scope);
      const line = this.declaration(raw, name, scope);
      scope = { ...scope, names: [...scope.names, name, ...more], mutable: raw.kind === 1 ? [...scope.mutable, name] : scope.mutable };
      return line;
    });
    return lines.join("\n");
  }

  /** Half of the names are new, half shadow something. */
  private declaredName({ a, b }: Raw): string {
    return a % 2 === 0 ? `v${this.serial++}` : (["s", "t", "u"][b % 3] as string);
  }

  private declaration(raw: Raw, name: string, scope: Scope): string {
    switch (raw.kind) {
      case 0:
        return `const ${name} = ${this.value(raw, scope)};`;
      case 1:
        return `let ${name} = ${this.value(raw, scope)};`;
      case 2:
        return `const ${name} = ${this.call(raw, scope)};`;
      default: {
        const pattern = `{ a: ${name}, b: [, ${name}_ = ${this.value(raw, scope)}] }`;
        return `const ${pattern} = { a: ${this.call(raw, scope)}, b: [1${raw.bare ? ", 2" : ""}] };`;
      }
    }
  }

  private statement(raw: Raw, scope: Scope): string {
    const { a, b, first, second, kind } = raw;
    switch (kind) {
      case 4:
        return `${this.noted(scope)};`;
      case 5:
        return this.assignment(raw, scope);
      case 6: {
        // An else belongs to the last if before it, which may be one that ends a branch without braces.
        const bare = raw.bare && (second.length === 0 || PLAIN.includes(first[0]?.kind ?? 0));
        const then = `if (${this.value(raw, scope)} % 2) ${this.body({ ...raw, bare }, first, scope)}`;
        return second.length === 0 ? then : `${then} else ${this.body({ ...raw, bare: b % 2 === 0 }, second, scope)}`;
      }
      case 7: {
        const name = this.declaredName(raw);
        const header = hide(scope, [name]);
        const inner = { ...header, names: [...header.names, name] };
        const start = a % 3 === 0 ? this.call(raw, header) : "0";
        const step = raw.bare ? `${name}++` : `${name} += 1 + ${this.call(raw, inner)} % 2`;
        return this.loop(raw, inner, (body) => `for (let ${name} = ${start} % 2; ${name} < ${b % 4}; ${step}) ${body}`);
      }
      case 8: {
        const count = `w${this.serial++}`;
        const inner = { ...scope, names: [...scope.names, count] };
        return `{ let ${count} = 0;\n${this.loop(raw, inner, (body) => `while (${count}++ < ${b % 4}) ${body}`)} }`;
      }
      case 9: {
        const count = `w${this.serial++}`;
        const inner = { ...scope, names: [...scope.names, count] };
        const loop = this.loop(raw, inner, (body) => {
          const limit = a % 3 === 0 ? this.call(raw, inner) : b;
          return `do ${body} while (${count}++ < ${limit} % 3);`;
        });
        return `{ let ${count} = 0;\n${loop} }`;
      }
      case 10: {
        const name = this.declaredName(raw);
        const header = hide(scope, [name]);
        return this.loop(
          raw,
          { ...header, names: [...header.names, name] },
          (body) => `for (const ${name} of [1, ${this.value(raw, header)}].slice(${a % 2})) ${body}`,
        );
      }
      case 11: {
        const inner = { ...scope, inSwitch: true };
        const end = raw.bare ? "" : "\nbreak;";
        return [
          `switch (${this.value(raw, scope)} % 3) {`,
          `case 0: {\n${this.block(first, inner)}${end}\n}`,
          `case ${this.call(raw, scope)} % 3:\n${this.noted(scope)};`,
          `default: {\n${this.block(second, inner)}\n}`,
          "}",
        ].join("\n");
      }
      case 12: {
        const name = `l${this.serial++}`;
        return `${name}: {\n${this.block(first, { ...scope, labels: [...scope.labels, { name, loop: false }] })}\n}`;
      }
      case 13:
        return this.jump(raw, scope);
      case 14:
        return `${this.call(raw, scope)};`;
      default:
        return `{\n${this.block(first, scope)}\n}`;
    }
  }

  private loop(raw: Raw, scope: Scope, around: (body: string) => string): string {
    const label = raw.a % 2 === 0 ? `l${this.serial++}` : undefined;
    const labels = label === undefined ? scope.labels : [...scope.labels, { name: label, loop: true }];
    const text = around(this.body(raw, raw.first, { ...scope, labels, inLoop: true, inSwitch: false }));
    return label === undefined ? text : `${label}:\n${text}`;
  }

  /** Without braces now and then, which allows one statement that declares nothing. */
  private body(raw: Raw, list: readonly Raw[], scope: Scope): string {
    const only = list[0];
    if (raw.bare && only && only.kind >= 4) return this.statement(only, scope);
    return `{\n${this.block(list, scope)}\n}`;
  }

  private assignment(raw: Raw, scope: Scope): string {
    const name = scope.mutable[raw.a % Math.max(1, scope.mutable.length)];
    return name === undefined ? ";" : `${name} = ${raw.bare ? this.call(raw, scope) : this.value(raw, scope)};`;
  }

  private jump({ a, b }: Raw, scope: Scope): string {
    const label = scope.labels[scope.labels.length - 1 - (b % Math.max(1, scope.labels.length))];
    const ways = [`return ${this.noted(scope)};`];
    if (label) ways.push(`break ${label.name};`);
    if (label?.loop === true) ways.push(`continue ${label.name};`);
    if (scope.inLoop) ways.push("continue;");
    if (scope.inLoop || scope.inSwitch) ways.push("break;");
    const way = ways[a % ways.length] as string;
    return a < 6 ? `if (${this.value({ a: b, b: a }, scope)} % 2) ${way}` : way;
  }

  private value({ a, b }: Pick<Raw, "a" | "b">, scope: Scope): string {
    const name = scope.names[a % scope.names.length] as string;
    return b % 2 === 0 ? `((${name} + ${b}) & 255)` : `((${name} * 3 ^ ${b}) & 255)`;
  }

  /** A call of a function further down, or a note if this is the last; the note is the last thing before the call. */
  private call(raw: Raw, scope: Scope): string {
    const below = this.count - this.index - 1;
    if (below === 0) return this.noted(scope);
    const callee = `${this.prefix}${this.index + 1 + (raw.b % below)}`;
    return `((yield* ${callee}(${this.noted(scope)}, depth + 1, { p: ${this.value(raw, scope)} })) & 255)`;
  }

  private noted(scope: Scope): string {
    return `note(${this.serial++}, { ${scope.names.join(", ")} })`;
  }
}

function hide(scope: Scope, names: readonly string[]): Scope {
  const keep = (name: string) => !names.includes(name);
  return { ...scope, names: scope.names.filter(keep), mutable: scope.mutable.filter(keep) };
}
