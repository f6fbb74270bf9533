// The journeys of the gateway with an independent FHIR server at the far end, once as the EHR of a provider and once as
// the attachment store of a payer. The gateway is the program itself; the X12 partners are the doors below.
//
// node journeys.mjs MODULES CARTAGE
//
// MODULES is a folder with node_modules in it. Prints a line for each thing shown and fails at the first that is not so.
// Everybody in the messages is invented.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as listen } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fhirServer } from './server.mjs';

const [modules, cartage] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'cartage-journeys-'));
const shown = (what) => process.stdout.write(`  ${what}\n`);

// A door of an X12 partner: it takes interchanges and keeps them.
async function x12Door() {
  const taken = [];
  const server = createServer(async (asked, answer) => {
    const chunks = [];
    for await (const chunk of asked) {
      chunks.push(chunk);
    }
    taken.push(Buffer.concat(chunks));
    answer.writeHead(202);
    answer.end();
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${server.address().port}/x12`, taken, close: () => server.close() };
}

// A port that is free now.
async function freePort() {
  const probe = listen();
  await new Promise((ready) => probe.listen(0, '127.0.0.1', ready));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

// Waits until `look` finds something; half a minute is far more than anything here takes.
async function eventually(what, look) {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look();
    if (found) {
      return found;
    }
    await new Promise((again) => setTimeout(again, 50));
  }
  assert.fail(`${what} did not happen`);
}

function secret(name) {
  const path = join(folder, `${name}.token`);
  writeFileSync(path, `token-of-${name}-for-this-run`, { mode: 0o600 });
  return { path, bearer: `Bearer token-of-${name}-for-this-run` };
}

// An interchange of one transaction; the segments between ST and SE are given.
function interchange({ from, to, group, guide, kind, number, segments }) {
  const pad = (text, width) => text.padEnd(width, ' ');
  const control = String(number).padStart(9, '0');
  const lines = [
    `ISA*00*${pad('', 10)}*00*${pad('', 10)}*ZZ*${pad(from, 15)}*ZZ*${pad(to, 15)}*261120*0900*^*00602*${control}*0*T*:`,
    `GS*${group}*${from}*${to}*20261120*0900*${number}*X*${guide}`,
    `ST*${kind}*0001*${guide}`,
    ...segments,
    `SE*${segments.length + 2}*0001`,
    `GE*1*${number}`,
    `IEA*1*${control}`,
  ];
  return `${lines.join('~')}~`;
}

const [ehr, store, payer, clinic] = await Promise.all([fhirServer(modules, [503]), fhirServer(modules, [503]), x12Door(), x12Door()]);
const [x12FromPayer, x12FromClinic, fhir] = [await freePort(), await freePort(), await freePort()];
const [lakeside, acme] = [secret('lakeside'), secret('acme')];
writeFileSync(
  join(folder, 'cartage.toml'),
  `config-version = 1
[gateway]
name       = "Journey Crossing"
public-url = "http://127.0.0.1:${fhir}"
data-dir   = "${join(folder, 'data')}"
isa        = "ZZ:CROSSING"
usage      = "T"

[listen.harbor]
kind    = "core"
address = "127.0.0.1:${x12FromPayer}"
from    = "harbor"

[listen.clinic]
kind    = "core"
address = "127.0.0.1:${x12FromClinic}"
from    = "clinic"

[listen.fhir]
kind    = "fhir"
address = "127.0.0.1:${fhir}"

[partner.harbor]
role      = "payer"
payer-ids = ["60601"]
speaks    = "x12"
x12       = { isa = "ZZ:HARBORPLAN", guides = ["006020X313", "006020X314"] }
deliver   = { core = "${payer.url}", mode = "batch" }

[partner.lakeside]
role     = "provider"
npi      = ["1234567893"]
speaks   = "fhir"
fhir     = { url = "${ehr.url}", attachments = "task" }
retry    = { first = "1s" }
known-by = { token = { file = "${lakeside.path}" } }

[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "${store.url}", attachments = "task" }
retry     = { first = "1s" }
known-by  = { token = { file = "${acme.path}" } }

[partner.clinic]
role    = "provider"
npi     = ["1999999984"]
speaks  = "x12"
x12     = { isa = "ZZ:HILLCLINIC", guides = ["006020X313", "006020X314"] }
deliver = { core = "${clinic.url}", mode = "batch" }
`,
);

const gateway = spawn(cartage, ['serve', '-c', join(folder, 'cartage.toml')], { stdio: ['ignore', 'pipe', 'inherit'] });
const said = [];
createInterface({ input: gateway.stdout }).on('line', (line) => said.push(line));

async function post(url, body, type, bearer) {
  const headers = { 'content-type': type, ...(bearer === undefined ? {} : { authorization: bearer }) };
  const answer = await fetch(url, { method: 'POST', headers, body });
  return { status: answer.status, text: await answer.text() };
}

// What `cartage x12 check` says of an interchange: it ends with 0 if nothing is wrong.
function checked(bytes) {
  execFileSync(cartage, ['x12', 'check', '-'], { input: bytes, stdio: ['pipe', 'ignore', 'inherit'] });
}

function parameter(task, code, read) {
  const input = task.input.find((one) => one.type.coding.some((coding) => coding.code === code));
  assert.ok(input, `the Task has no input ${code}`);
  return read(input);
}

try {
  await eventually('the gateway answering', () =>
    fetch(`http://127.0.0.1:${fhir}/metadata`).then((answer) => answer.ok, () => false),
  );
  const metadata = await (await fetch(`http://127.0.0.1:${fhir}/metadata`)).json();
  assert.equal(metadata.resourceType, 'CapabilityStatement');
  shown('the gateway is up and says what it can');

  // A payer asks in X12, a provider with a FHIR server answers.
  const request = interchange({
    from: 'HARBORPLAN', to: 'CROSSING', group: 'HN', guide: '006020X313', kind: '277', number: 4101,
    segments: [
      'BHT*0085*48*RFAI-4101*20261120*0900*RQ', 'HL*1**20*1', 'NM1*PR*2*HARBOR PLAN*****PI*60601',
      'PER*IC*REVIEW DESK*TE*8005550142', 'HL*2*1*21*1', 'NM1*41*2*LAKESIDE HOSPITAL*****46*LK001',
      'HL*3*2*19*1', 'NM1*1P*2*LAKESIDE HOSPITAL*****XX*1234567893', 'HL*4*3*PT',
      'NM1*QC*1*QUILL*NORA****MI*HP0077310', 'TRN*1*ACN-4101', 'STC*R4:11504-8::LOI*20261120**2210',
      'REF*X1*LK-2026-0099', 'DTP*472*D8*20261102', 'DTP*106*D8*20270115',
    ],
  });
  const receipt = await post(`http://127.0.0.1:${x12FromPayer}/`, request, 'application/edi-x12');
  assert.equal(receipt.status, 200);
  assert.match(receipt.text, /AK9\*A\*1\*1\*1/);
  shown('277: a 999 accepts it');
  const task = await eventually('the Task at the EHR', async () => {
    const found = await (await fetch(`${ehr.url}/Task?status=requested`)).json();
    return found.entry?.[0]?.resource;
  });
  assert.equal(task.identifier[0].value, 'ACN-4101');
  const url = parameter(task, 'payer-url', (input) => input.valueUrl);
  assert.ok(url.startsWith(`http://127.0.0.1:${fhir}/`), 'the answer comes back through the gateway');
  const total = await (await fetch(`${ehr.url}/Task?status=requested`)).json();
  assert.equal(total.entry.length, 1, 'one Task, although the first attempt was answered 503');
  shown('the Task stands at the EHR once, with the way back through us');

  const note = Buffer.from('Operative note, invented: the knee was inspected and found sound.');
  const identifier = (system, value) => ({ system, value });
  const submission = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'TrackingId', valueIdentifier: task.identifier[0] },
      { name: 'AttachTo', valueCode: 'claim' },
      { name: 'PayerId', valueIdentifier: identifier(undefined, '60601') },
      { name: 'OrganizationId', valueIdentifier: identifier('http://hl7.org/fhir/sid/us-npi', '1234567893') },
      { name: 'MemberId', valueIdentifier: identifier(undefined, 'HP0077310') },
      { name: 'ServiceDate', valueDateTime: '2026-11-02' },
      {
        name: 'Attachment',
        part: [
          { name: 'Code', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '11504-8' }] } },
          {
            name: 'Content',
            resource: {
              resourceType: 'DocumentReference', status: 'current',
              type: { coding: [{ system: 'http://loinc.org', code: '11504-8' }] },
              content: [{ attachment: { contentType: 'text/plain', data: note.toString('base64') } }],
            },
          },
        ],
      },
      { name: 'Final', valueBoolean: true },
    ],
  };
  const nobody = await post(url, JSON.stringify(submission), 'application/fhir+json');
  assert.equal(nobody.status, 401);
  const taken = await post(url, JSON.stringify(submission), 'application/fhir+json', lakeside.bearer);
  assert.equal(taken.status, 200, taken.text);
  const again = await post(url, JSON.stringify(submission), 'application/fhir+json', lakeside.bearer);
  assert.equal(again.status, 200, again.text);
  const answer = await eventually('the 275 at the payer', () => payer.taken[0]);
  checked(answer);
  assert.ok(answer.includes('ACN-4101'), 'the payer finds its own number in the 275');
  assert.ok(answer.includes(note) || answer.includes(note.toString('base64')), 'the note arrives as it was');
  assert.equal(payer.taken.length, 1, 'a submission that is repeated is sent once');
  shown('$submit-attachment: a 275 that its guide accepts, once, with the bytes that were handed in');

  // A provider sends an attachment in X12 that nobody asked for, to a payer with a FHIR store.
  const letter = 'Discharge letter, invented: went home well.';
  const attachment = interchange({
    from: 'HILLCLINIC', to: 'CROSSING', group: 'PI', guide: '006020X314', kind: '275', number: 5201,
    segments: [
      'BGN*02*ATT-5201*20261120', 'NM1*PR*2*ACME HEALTH*****PI*60054', 'NM1*41*2*HILL CLINIC*****46*HC001',
      'NM1*1P*2*HILL CLINIC*****XX*1999999984', 'NM1*QC*1*ROOK*ELI****MI*AC0044871', 'REF*EJ*HC-77120',
      'DTP*472*D8*20261018', 'LX*1', 'TRN*1*HC-ACN-5201', 'DTP*368*D8*20261120', 'CAT*AE*TX', 'OOI*1*47*ATTACHMENT',
      `BDS*ASC*${letter.length}*${letter}`,
    ],
  });
  const told = await post(`http://127.0.0.1:${x12FromClinic}/`, attachment, 'application/edi-x12');
  assert.equal(told.status, 200, told.text);
  assert.match(told.text, /AK9\*[AE]\*1\*1\*1/, told.text);
  const stored = await eventually('the attachment in the store', async () => store.taken[0] && (await (await fetch(`${store.url}/DocumentReference`)).json()).entry?.[0]?.resource);
  const { data } = stored.content[0].attachment;
  assert.equal(Buffer.from(data, 'base64').toString(), letter);
  assert.equal(store.taken.length, 1);
  shown('275: `$submit-attachment` at the store, once, with the bytes of the letter');
  const advice = await eventually('the 824 at the clinic', () => clinic.taken.find((one) => one.includes('ST*824')));
  checked(advice);
  assert.match(advice.toString(), /OTI\*TA\*/, 'the payer took it');
  shown('824: the clinic hears that the payer took it');

  // A payer asks with a Task, a provider without FHIR gets a 277.
  const asked = { ...task, id: undefined, meta: undefined, identifier: [{ ...task.identifier[0], value: 'ACME-9001' }] };
  asked.requester = { identifier: { ...task.requester.identifier, value: '60054' } };
  const role = asked.contained.find((one) => one.resourceType === 'PractitionerRole');
  for (const side of [role.practitioner, role.organization]) {
    if (side?.identifier?.system === 'http://hl7.org/fhir/sid/us-npi') {
      side.identifier = { ...side.identifier, value: '1999999984' };
    }
  }
  const created = await post(`http://127.0.0.1:${fhir}/Task`, JSON.stringify(asked), 'application/fhir+json', acme.bearer);
  assert.equal(created.status, 201, created.text);
  const asking = await eventually('the 277 at the clinic', () => clinic.taken.find((one) => one.includes('ST*277')));
  checked(asking);
  assert.ok(asking.includes('ACME-9001'));
  shown('Task: a 277 that its guide accepts');

  gateway.kill('SIGTERM');
  const ended = await new Promise((done) => (gateway.exitCode === null ? gateway.once('exit', done) : done(gateway.exitCode)));
  assert.equal(ended, 0, 'the gateway drains and ends well');
  shown('SIGTERM: drained');
} finally {
  gateway.kill('SIGKILL');
  for (const server of [ehr, store, payer, clinic]) {
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
