// What the shell uses of Electron and what the stand-in offers of it, read by the TypeScript compiler from Electron's own type definitions.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    // The broker's own process knows nothing of Electron but the port to its parent.
    .filter((name) => name.endsWith('.ts') && name !== 'broker-process.ts')
    .map((name) => join(root, folder, name));

export interface Surface {
  /** `BrowserWindow.show` and the like: every member of Electron's that a file of electron/ names. */
  readonly used: readonly string[];
  /** Members the stand-in shows under a name of Electron's, that Electron has not. */
  readonly invented: readonly string[];
  /** Members where the stand-in wants more arguments than Electron's definition gives. */
  readonly greedy: readonly string[];
  /** Everything of Electron's that the stand-in has. */
  readonly offered: readonly string[];
}

/** One program over the shell, the stand-in and electron.d.ts. */
export function readSurface(): Surface {
  const standIn = join(root, 'test/electron/stand-in/electron.ts');
  const program = ts.createProgram([...inFolder('electron'), standIn], {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  });
  const checker = program.getTypeChecker();
  const fromElectron = (symbol: ts.Symbol | undefined) =>
    symbol?.declarations?.some((at) => at.getSourceFile().fileName.endsWith('node_modules/electron/electron.d.ts')) ?? false;
  const ownerOf = (symbol: ts.Symbol) => {
    const parent = symbol.declarations?.[0]?.parent;
    return parent && (ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent)) ? (parent.name?.text ?? '') : '';
  };

  // What events carry is checked where the shell reads it, by its own types; here it is about what can be called.
  const carried = /(Event|Params|Details|Result|Input|Value)$|^WebFrameMain$|^Event$/;
  const used = new Set<string>();
  for (const file of program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(root, 'electron/')))) {
    const visit = (node: ts.Node): void => {
      const taken =
        ts.isBindingElement(node) && checker.getTypeAtLocation(node.parent).getProperty((node.propertyName ?? node.name).getText());
      if (ts.isPropertyAccessExpression(node) || taken) {
        const symbol = taken || checker.getSymbolAtLocation((node as ts.PropertyAccessExpression).name);
        if (symbol && fromElectron(symbol) && ownerOf(symbol) !== '' && !carried.test(ownerOf(symbol)))
          used.add(`${ownerOf(symbol)}.${symbol.name}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }

  const source = program.getSourceFile(standIn);
  const electron = source && checker.getAmbientModules().find(({ name }) => name === '"electron"');
  if (!source || !electron) throw new Error('the stand-in or electron.d.ts could not be read');
  const module = checker.getSymbolAtLocation(source);
  const theirs = new Map(checker.getExportsOfModule(electron).map((symbol) => [symbol.name, symbol]));
  const offered = new Set<string>();
  const invented: string[] = [];
  const greedy: string[] = [];
  const seen = new Set<ts.Type>();

  const plain = (type: ts.Type) => checker.getNonNullableType(type);
  const isOurs = (symbol: ts.Symbol) => symbol.declarations?.some((at) => at.getSourceFile().fileName.includes('/test/electron/stand-in/'));
  const isObject = (type: ts.Type) => (type.flags & ts.TypeFlags.Object) !== 0;
  const firstCall = (type: ts.Type) => type.getCallSignatures()[0];
  /** `ways`: the types of Electron's in which a member may stand; a class has it on itself or on what it makes. */
  const compare = (path: string, ours: ts.Type, ways: readonly ts.Type[]): void => {
    if (seen.has(ours)) return;
    seen.add(ours);
    const theirsOf = (name: string) => ways.map((way) => way.getProperty(name)).find((found) => found !== undefined);
    for (const name of ['on', 'once', 'off']) {
      const other = theirsOf(name);
      if (other && ours.getProperty(name)) offered.add(`${ownerOf(other) || path}.${name}`);
    }
    for (const member of ours.getProperties().filter((one) => isOurs(one) && !one.name.includes('#'))) {
      const other = theirsOf(member.name);
      const name = `${path}.${member.name}`;
      if (!other) {
        invented.push(name);
        continue;
      }
      offered.add(`${ownerOf(other) || path}.${member.name}`);
      const mine = plain(checker.getTypeOfSymbol(member));
      const wanted = plain(checker.getTypeOfSymbol(other));
      const call = firstCall(mine);
      if (call) {
        const most = Math.max(-1, ...wanted.getCallSignatures().map((one) => one.getParameters().length));
        const least = call.getParameters().filter((one) => {
          const [at] = one.declarations ?? [];
          return at && ts.isParameter(at) && !checker.isOptionalParameter(at);
        }).length;
        if (least > most) greedy.push(name);
        const given = firstCall(wanted)?.getReturnType();
        const element = (type: ts.Type) => checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type;
        if (given) compare(`${name}()`, element(plain(call.getReturnType())), [element(plain(given))]);
      } else if (isObject(mine)) compare(name, mine, [wanted]);
    }
  };
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    if (symbol.name === 'seen') continue;
    const them = theirs.get(symbol.name);
    if (!them) {
      invented.push(symbol.name);
      continue;
    }
    const made = (type: ts.Type) => type.getConstructSignatures()[0]?.getReturnType();
    const [mine, wanted] = [checker.getTypeOfSymbol(symbol), checker.getTypeOfSymbol(them)];
    const ways = [made(wanted), wanted].flatMap((type) => (type ? [plain(type)] : []));
    compare(symbol.name, plain(made(mine) ?? mine), ways);
    if (made(mine)) compare(symbol.name, mine, [wanted]);
  }
  return { used: [...used].sort(), invented: invented.sort(), greedy: greedy.sort(), offered: [...offered].sort() };
}
