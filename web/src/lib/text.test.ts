import assert from 'node:assert/strict';
import { csv, defangIndicator, defangIp, defangOrder, defangText, domainsOf, matches, visibleRuns } from './text';

export function addressesAreDefanged() {
  assert.equal(defangIp('198.51.100.23'), '198.51.100[.]23');
  assert.equal(defangIp('2001:db8::17'), '2001[:]db8::17');
  assert.equal(defangIp('::1'), '[::]1');
  assert.equal(defangIndicator('url', 'https://a.b.example/x?y=1.2'), 'hxxps://a[.]b[.]example/x?y=1.2');
  assert.equal(defangIndicator('url', 'http://user:pw@203.0.113.9:8080/'), 'hxxp://user:pw@203[.]0[.]113[.]9:8080/');
  assert.equal(defangIndicator('domain', 'login.example'), 'login[.]example');
  assert.equal(defangIndicator('sender', 'x@y.example'), 'x[@]y.example');
  assert.equal(defangIndicator('rule', 'delete if "virement"'), 'delete if "virement"');
}

export function sentencesKeepOwnAddressesOnly() {
  const own = domainsOf(['c.moreau@ch-exemple.example']);
  assert.equal(
    defangText('c.moreau@ch-exemple.example wrote to x@evil.example from 203.0.113.9, see https://evil.example/a and 2001:db8::1', own),
    'c.moreau@ch-exemple.example wrote to x[@]evil.example from 203.0.113[.]9, see hxxps://evil[.]example/a and 2001[:]db8::1');
}

export function whatAnOrderNamesIsDefangedUnlessItIsOwn() {
  const own = domainsOf(['c.moreau@ch-exemple.example']);
  assert.equal(defangOrder({ sender: 'x@evil.example' }, own), 'x[@]evil.example');
  assert.equal(defangOrder({ domain: 'evil.example' }, own), 'evil[.]example');
  assert.equal(defangOrder({ url: 'https://evil.example/a' }, own), 'hxxps://evil[.]example/a');
  assert.equal(defangOrder({ sender: 'c.moreau@ch-exemple.example' }, own), 'c.moreau@ch-exemple.example');
  assert.equal(defangOrder({ domain: 'ch-exemple.example' }, own), 'ch-exemple.example');
  assert.equal(defangOrder({ script: 'a', identifier: 'user=x@evil.example' }, own), 'a user=x[@]evil.example');
}

export function timesAndNumbersAreNoAddresses() {
  for (const text of ['at 19:58:40', '2026-03-09 19:58:40', 'version 1.2.3', '10:20']) assert.equal(defangText(text), text);
}

export function hiddenCharactersAreDrawn() {
  const drawn = visibleRuns('a\u202eb\u0000c\u001b[2J\u200bd\u2407\te\n').map((run) => (run.symbol ? `<${run.text}>` : run.text)).join('');
  assert.equal(drawn, 'a<U+202E>b<NUL>c<ESC>[2J<U+200B>d<BEL>\te\n');
  assert.deepEqual(visibleRuns('plain é'), [{ text: 'plain é', symbol: false }]);
  assert.equal(visibleRuns('\u{e0041}')[0]!.symbol, true);
}

export function filtersIgnoreCaseAndAccents() {
  assert.equal(matches('REGLE boite', 'Règle de boîte'), true);
  assert.equal(matches('règle absent', 'Règle de boîte'), false);
  assert.equal(matches('  ', null), true);
}

export function csvCellsAreQuotedAndNeverFormulas() {
  assert.equal(csv(['a', 'b'], [['x,y', 'say "hi"']]), 'a,b\r\n"x,y","say ""hi"""\r\n');
  assert.equal(csv(['a'], [['=1+1'], ['@x'], [-3], [null]]), "a\r\n'=1+1\r\n'@x\r\n-3\r\n\r\n");
}
