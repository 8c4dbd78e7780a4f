// The examples as the build found them: texts by name.
declare module "lockbreak:examples" {
  const examples: Readonly<Record<string, string>>;
  export default examples;
}
