import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [...ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { "react-hooks": hooks, "jsx-a11y": a11y },
    rules: {
      ...hooks.configs.recommended.rules,
      ...a11y.flatConfigs.strict.rules,
      "@typescript-eslint/no-explicit-any": "error",
      // Numbers stand in texts and addresses as they are.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Handlers of events may start what reports its own failure.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      // What was remembered is of the type that it was remembered as; the caller says which.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // Warns that the compiler skips virtual lists; there is no compiler here.
      "react-hooks/incompatible-library": "off",
      "jsx-a11y/label-has-associated-control": ["error", { assert: "either", depth: 4 }],
      "no-alert": "error",
      "no-console": "error",
      // A field takes the focus where a person asked for it: a dialog that opens, a step that follows.
      "jsx-a11y/no-autofocus": "off",
      "max-lines": ["error", 400],
    },
  },
  {
    files: ["scripts/**", "browser/**", "*.js"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        Buffer: "readonly",
        fetch: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        performance: "readonly",
        document: "readonly",
        window: "readonly",
        localStorage: "readonly",
        crypto: "readonly",
        AbortSignal: "readonly",
        TextDecoder: "readonly",
        getComputedStyle: "readonly",
        sessionStorage: "readonly",
        navigator: "readonly",
        requestAnimationFrame: "readonly",
      },
    },
  },
);
