// Writes the type declarations of a module as one text without imports. Types of the package and of its bundled dependencies are
// written out in full, so apps compile without these dependencies.

import ts from "typescript";

const compilerOptions: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  resolveJsonModule: true,
  skipLibCheck: true,
  types: ["node"],
};

export function declarationsOf(path: string): string {
  const program = ts.createProgram([path], compilerOptions);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (!file || !module) throw new Error(`${path} is not a module.`);
  const exported = checker.getExportsOfModule(module);
  const writer = new Writer(program, file, new Set(exported));
  return exported.map((symbol) => writer.declaration(symbol)).join("\n");
}

class Writer {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  readonly #file: ts.SourceFile;
  /** The exported types. Declarations refer to them by name; every other type is written out in full. */
  readonly #exported: ReadonlySet<ts.Symbol>;
  /**
   * A file in which our type aliases are not in scope. A type printed for this file is written out in full, because the file
   * cannot name the aliases.
   */
  readonly #scope: ts.Node | undefined;

  constructor(program: ts.Program, file: ts.SourceFile, exported: ReadonlySet<ts.Symbol>) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
    this.#file = file;
    this.#exported = exported;
    this.#scope = program.getSourceFiles().find((each) => program.isSourceFileDefaultLibrary(each));
  }

  declaration(symbol: ts.Symbol): string {
    const docs = this.#docs(symbol, "");
    if (symbol.flags & ts.SymbolFlags.TypeAlias) {
      const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
      return `${docs}export type ${symbol.name} = ${this.#expanded(type, "")};\n`;
    }
    const type = this.#checker.getTypeOfSymbolAtLocation(symbol, this.#file);
    const [signature] = type.getCallSignatures();
    if (!signature) throw new Error(`${symbol.name} is neither a type alias nor a function.`);
    return `${docs}export declare function ${symbol.name}${this.#signature(signature, "", ": ")};\n`;
  }

  #type(type: ts.Type, indent: string): string {
    const alias = type.aliasSymbol;
    if (alias && this.#exported.has(alias)) return alias.name;
    return this.#expanded(type, indent);
  }

  #expanded(type: ts.Type, indent: string): string {
    if (type.isUnion()) return this.#union(type.types, indent);
    const element = this.#checker.isArrayType(type) && type.getNumberIndexType();
    if (element) {
      const text = this.#type(element, indent);
      const isComposed = element.isUnion() || element.getCallSignatures().length > 0;
      return isComposed ? `(${text})[]` : `${text}[]`;
    }
    const [signature] = type.getCallSignatures();
    if (signature) return this.#signature(signature, indent, " => ");
    if (type.symbol?.name === "Promise") {
      const value = this.#checker.getAwaitedType(type);
      if (value) return `Promise<${this.#type(value, indent)}>`;
    }
    const properties = type.getProperties();
    const isNamed = type.isClassOrInterface() || !(type.flags & ts.TypeFlags.Object);
    if (properties.length > 0 && !isNamed && !this.#isLibrary(type)) {
      return this.#members(properties, indent);
    }
    return this.#checker.typeToString(type, this.#scope, ts.TypeFormatFlags.NoTruncation);
  }

  #union(types: readonly ts.Type[], indent: string): string {
    const texts = new Set(types.map((each) => this.#type(each, indent)));
    if (texts.delete("true") && texts.delete("false")) texts.add("boolean");
    // Puts `null` and `undefined` last, as is usual in source code.
    const rank = (text: string) => ["null", "undefined"].indexOf(text);
    return [...texts].sort((a, b) => rank(a) - rank(b)).join(" | ");
  }

  #members(properties: readonly ts.Symbol[], indent: string): string {
    const inner = `${indent}  `;
    const lines = properties.map((property) => {
      const isOptional = Boolean(property.flags & ts.SymbolFlags.Optional);
      const type = this.#checker.getTypeOfSymbolAtLocation(property, this.#file);
      const name = `${property.name}${isOptional ? "?" : ""}`;
      return `${this.#docs(property, inner)}${inner}${name}: ${this.#optional(type, isOptional, inner)};`;
    });
    return `{\n${lines.join("\n")}\n${indent}}`;
  }

  #signature(signature: ts.Signature, indent: string, arrow: string): string {
    const parameters = signature.getParameters().map((parameter) => {
      const type = this.#checker.getTypeOfSymbolAtLocation(parameter, this.#file);
      const declaration = parameter.valueDeclaration;
      const isParameter = declaration !== undefined && ts.isParameter(declaration);
      const isRest = isParameter && declaration.dotDotDotToken !== undefined;
      const isOptional = isParameter && this.#checker.isOptionalParameter(declaration);
      const text = this.#optional(type, isOptional, indent);
      return `${isRest ? "..." : ""}${parameter.name}${isOptional ? "?" : ""}: ${text}`;
    });
    const result = this.#type(signature.getReturnType(), indent);
    return `(${parameters.join(", ")})${arrow}${result}`;
  }

  #optional(type: ts.Type, isOptional: boolean, indent: string): string {
    if (!isOptional || !type.isUnion()) return this.#type(type, indent);
    return this.#union(
      type.types.filter((each) => !(each.flags & ts.TypeFlags.Undefined)),
      indent,
    );
  }

  #docs(symbol: ts.Symbol, indent: string): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
    return text ? `${indent}/** ${text.replaceAll("\n", `\n${indent} * `)} */\n` : "";
  }

  /** Whether the type is a class or interface of JavaScript or Node. */
  #isLibrary(type: ts.Type): boolean {
    const declarations = type.symbol?.declarations ?? [];
    return declarations.some(
      (each) =>
        (ts.isInterfaceDeclaration(each) || ts.isClassDeclaration(each)) &&
        this.#program.isSourceFileDefaultLibrary(each.getSourceFile()),
    );
  }
}
