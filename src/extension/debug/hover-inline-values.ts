// Hover and inline values while stopped.

import { EvaluatableExpression, InlineValueEvaluatableExpression, InlineValueVariableLookup, Range, languages } from "vscode";
import type { Disposable, InlineValue } from "vscode";
import { expressionAt, inlineExpressions } from "./expressions.ts";
import { KERNEL_LANGUAGE } from "../host/kernel-sources.ts";
import { SCENARIO_LANGUAGE } from "../host/scenarios.ts";

export function registerHoverAndInlineValues(): Disposable[] {
  const hover = languages.registerEvaluatableExpressionProvider([KERNEL_LANGUAGE, SCENARIO_LANGUAGE], {
    provideEvaluatableExpression(document, position) {
      const found = expressionAt(document.lineAt(position.line).text, position.character);
      return found && new EvaluatableExpression(new Range(position.line, found.start, position.line, found.end), found.text);
    },
  });
  const inline = languages.registerInlineValuesProvider(KERNEL_LANGUAGE, {
    provideInlineValues(document, _viewPort, context): InlineValue[] {
      const values = inlineExpressions((line) => document.lineAt(line).text, context.stoppedLocation.end.line);
      return values.map(({ line, start, end, text, local }) => {
        const range = new Range(line, start, line, end);
        return local ? new InlineValueVariableLookup(range, text, true) : new InlineValueEvaluatableExpression(range, text);
      });
    },
  });
  return [hover, inline];
}
