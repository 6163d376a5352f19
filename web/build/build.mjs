// Builds the portal's style sheet and script into ../static, or into the folder
// given as an argument. First: npm ci.
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { build } from 'esbuild'
import { transform } from 'lightningcss'
import { compile } from 'sass'

const here = import.meta.dirname
const out = path.resolve(process.argv[2] ?? path.join(here, '../static'))
fs.mkdirSync(out, { recursive: true })

const notice = '/* Contains parts of govuk-frontend, MIT, (c) 2017 Crown Copyright (Government Digital Service) */'

const sass = compile(path.join(here, 'scss/portal.scss'), { loadPaths: [path.join(here, 'node_modules/govuk-frontend/dist')], style: 'compressed', quietDeps: true })
// What of govuk-frontend no page uses: its rules are left out. A test of package
// templates sees to it that no page names a class that is not there.
const unused = [
  /^govuk-(back-link|table|summary-card|section-break|clearfix|exit-this-page|link-image|label-wrapper|visually-hidden-focusable)/,
  /^govuk-(heading|caption)-xl$/, /^govuk-caption-m$/, /^govuk-body-(m|lead)$/, /^govuk-list--spaced$/,
  /^govuk-grid-column-.*(-from-desktop|full|quarters?|half)$/, /^govuk-main-wrapper--/,
  /^govuk-link--(muted|inverse|text-colour|no-visited-state|no-underline)$/,
  /^govuk-task-list__status--/, /^govuk-summary-list__(actions-list|row--no)/
]
const leftOut = part => part.type === 'class' && unused.some(u => u.test(part.name))

const css = transform({
  filename: 'portal.css',
  code: Buffer.from(sass.css),
  minify: true,
  visitor: { Selector: parts => parts.some(leftOut) ? [] : parts },
  targets: { chrome: 90 << 16, safari: (14 << 16) | (1 << 8), firefox: 90 << 16 }
})
for (const w of css.warnings) console.error(w.message)
fs.writeFileSync(path.join(out, 'portal.css'), Buffer.concat([Buffer.from(notice + '\n'), css.code]))

// portal.js is on every page; the others only where a page asks for them.
await build({
  entryPoints: ['portal.js', 'table.js', 'upload.js', 'draft.js', 'sw.js'].map(name => path.join(here, 'js', name)),
  outdir: out,
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2020',
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: notice }
})

// The weight a first visit must not exceed, in KiB under gzip.
const limits = { 'portal.css': 19, 'portal.js': 9, 'table.js': 4, 'upload.js': 4, 'draft.js': 5, 'sw.js': 2 }
for (const [name, limit] of Object.entries(limits)) {
  const kib = zlib.gzipSync(fs.readFileSync(path.join(out, name)), { level: 9 }).length / 1024
  console.log(`${name.padEnd(11)} ${kib.toFixed(1)} KiB gz of ${limit}`)
  if (kib > limit) process.exitCode = 1
}
