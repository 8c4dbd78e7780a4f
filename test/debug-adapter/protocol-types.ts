// Checks messages against the protocol. Its JSON schema is not published as a package, but the declarations made from it
// are: they say the same, and are read here as data. Stricter than the schema in one way: a property that the protocol does
// not know is an error, as it is a mistyped one.

import type { DebugProtocol } from "@vscode/debugprotocol";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import ts from "typescript";

const folder = path.dirname(createRequire(import.meta.url).resolve("@vscode/debugprotocol/package.json"));
const file = path.join(folder, "lib/debugProtocol.d.ts");
const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);

const interfaces = new Map<string, ts.InterfaceDeclaration>();
const aliases = new Map<string, ts.TypeNode>();
(function collect(node: ts.Node): void {
  if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node);
  else if (ts.isTypeAliasDeclaration(node)) aliases.set(node.name.text, node.type);
  else ts.forEachChild(node, collect);
})(source);

/** Properties of an interface, inherited ones first; `open` if it takes any. */
function membersOf(declaration: ts.InterfaceDeclaration | ts.TypeLiteralNode): {
  readonly properties: Map<string, ts.PropertySignature>;
  readonly open: boolean;
} {
  const properties = new Map<string, ts.PropertySignature>();
  // The arguments of launch are for adapters to define.
  let open = ts.isInterfaceDeclaration(declaration) && declaration.name.text === "LaunchRequestArguments";
  const parents = ts.isInterfaceDeclaration(declaration)
    ? (declaration.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => (expression as ts.Identifier).text))
    : [];
  for (const parent of parents) {
    const inherited = membersOf(interfaces.get(parent)!);
    for (const [name, property] of inherited.properties) properties.set(name, property);
    open ||= inherited.open;
  }
  for (const member of declaration.members) {
    if (ts.isPropertySignature(member)) properties.set((member.name as ts.Identifier | ts.StringLiteral).text, member);
    if (ts.isIndexSignatureDeclaration(member)) open = true;
  }
  return { properties, open };
}

type Problems = string[];

function checkMembers(declaration: ts.InterfaceDeclaration | ts.TypeLiteralNode, value: unknown, where: string): Problems {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${where} is not an object`];
  const { properties, open } = membersOf(declaration);
  const given = value as Record<string, unknown>;
  const unknown = open ? [] : Object.keys(given).filter((name) => !properties.has(name) && given[name] !== undefined);
  return [
    ...unknown.map((name) => `${where}.${name} is not in the protocol`),
    ...[...properties].flatMap(([name, { type, questionToken }]) => {
      if (given[name] === undefined)
        return questionToken === undefined && type!.kind !== ts.SyntaxKind.AnyKeyword ? [`${where}.${name} is missing`] : [];
      return checkType(type!, given[name], `${where}.${name}`);
    }),
  ];
}

const KEYWORDS: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.StringKeyword]: "string",
  [ts.SyntaxKind.NumberKeyword]: "number",
  [ts.SyntaxKind.BooleanKeyword]: "boolean",
};

function checkType(type: ts.TypeNode, value: unknown, where: string): Problems {
  const keyword = KEYWORDS[type.kind];
  if (keyword !== undefined) return typeof value === keyword ? [] : [`${where} is not a ${keyword}`];
  if (type.kind === ts.SyntaxKind.AnyKeyword) return [];
  if (ts.isParenthesizedTypeNode(type)) return checkType(type.type, value, where);
  if (ts.isArrayTypeNode(type))
    return Array.isArray(value)
      ? value.flatMap((item, at) => checkType(type.elementType, item, `${where}[${at}]`))
      : [`${where} is not an array`];
  if (ts.isTypeLiteralNode(type)) return checkMembers(type, value, where);
  if (ts.isLiteralTypeNode(type)) {
    const wanted = type.literal.kind === ts.SyntaxKind.NullKeyword ? null : (type.literal as ts.StringLiteral).text;
    return value === wanted ? [] : [`${where} is not ${JSON.stringify(wanted)}`];
  }
  if (ts.isUnionTypeNode(type))
    return type.types.some((one) => checkType(one, value, where).length === 0) ? [] : [`${where} is none of what it may be`];
  if (ts.isTypeReferenceNode(type)) return checkNamed((type.typeName as ts.Identifier).text, value, where);
  throw new Error(`no check for ${ts.SyntaxKind[type.kind]}`);
}

function checkNamed(name: string, value: unknown, where: string): Problems {
  const declaration = interfaces.get(name);
  if (declaration !== undefined) return checkMembers(declaration, value, where);
  return checkType(aliases.get(name)!, value, where);
}

/** What is wrong with a message of the protocol; nothing, if it is as it should be. */
export function checkMessage(message: DebugProtocol.ProtocolMessage): Problems {
  const { command, event, success } = message as { command?: string; event?: string; success?: boolean };
  const kind = { request: "Request", response: "Response", event: "Event" }[message.type as "request" | "response" | "event"];
  const word = (event ?? command)!;
  if (success === false) return checkNamed("ErrorResponse", message, word);
  const name = `${word[0]!.toUpperCase()}${word.slice(1)}${kind}`;
  // Requests and events of our own are open in what they carry.
  return checkNamed(interfaces.has(name) ? name : kind, message, word);
}
