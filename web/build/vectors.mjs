// Asks the scripts what Go's tests ask: the same cases, in the same files.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { asked } from './js/conditions.js'
import { left } from './js/remaining.js'
import { characters, words } from './js/text.js'

const read = file => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../internal', file)))

for (const c of read('form/testdata/when.json')) assert.deepEqual(asked(c.questions, c.answers), c.asked, c.name)

for (const c of read('viet/testdata/counting.json')) {
  assert.equal(words(c.text), c.words, `${c.name}: words`)
  assert.equal(characters(c.text), c.characters, `${c.name}: characters`)
}

const english = { units: [['{0} minute', '{0} minutes'], ['{0} hour', '{0} hours'], ['{0} day', '{0} days']], moment: 'less than 1 minute' }
for (const c of read('../templates/ui/testdata/left.json')) {
  assert.equal(left(c.ms, { ...english, sentence: '' }), c.card)
  assert.equal(left(c.ms, { ...english, sentence: '{0} left' }), c.sentence)
}
