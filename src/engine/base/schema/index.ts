export * from './form.ts';
export { check, checkOption, fromText } from './check.ts';
export { jsonSchema } from './json-schema.ts';
export { pathText, ValidationError, type Path } from './validation-error.ts';
