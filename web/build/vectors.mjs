// Asks the scripts what Go's tests ask: the same cases, in the same files.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { asked } from './js/conditions.js'
import { characters, words } from './js/text.js'

const read = file => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../internal', file)))

for (const c of read('form/testdata/when.json')) assert.deepEqual(asked(c.questions, c.answers), c.asked, c.name)

for (const c of read('viet/testdata/counting.json')) {
  assert.equal(words(c.text), c.words, `${c.name}: words`)
  assert.equal(characters(c.text), c.characters, `${c.name}: characters`)
}
