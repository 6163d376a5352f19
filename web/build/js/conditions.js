// The rule of form.When: is a question asked under these answers? Nothing here
// needs a document: node asks it the same questions as Go
// (internal/form/testdata/when.json, ../check.sh).
//
// answer(question) gives {text, values, rows}, or undefined.
import { blank } from './text.js'

const given = a => !!a && ((a.values ?? []).length > 0 || (a.rows ?? []).length > 0 || !blank(a.text ?? ''))
const has = (a, value) => !!a && ((a.text ?? '') === value || (a.values ?? []).includes(value))

export function holds (when, answer) {
  if (when.never) return false
  if (when.not) return !holds(when.not, answer)
  if (when.any) return when.any.some(one => holds(one, answer))
  if (!when.question) return (when.all ?? []).every(one => holds(one, answer))
  const a = answer(when.question)
  return when.is === 'answered' ? given(a) : (when.values ?? []).some(value => has(a, value))
}

// asked lists the questions that are asked, in order; one that is hidden counts
// as unanswered for those after it. Each is {key, when}.
export function asked (questions, answers) {
  const shown = new Map()
  for (const { key, when } of questions) {
    if (!when || holds(when, question => shown.get(question))) shown.set(key, answers[key] ?? {})
  }
  return Array.from(shown.keys())
}
