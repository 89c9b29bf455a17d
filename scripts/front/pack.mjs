// Packs target/site: the WebAssembly and its bindings, the style sheets as one file, the public files, and beside every
// file that compresses well a `.br` and a `.gz`, so that the server never compresses a static file itself.
//
//   node pack.mjs --pkg DIR --style FILE --public DIR --site DIR --mode release|dev
//
// A file is written only when its bytes changed, and what no longer belongs is removed. `DIR.sha256` beside the site
// says what is in it: the server's build reads that to know when it has to embed the files again.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { bundle } from 'lightningcss'

const { values: options } = parseArgs({
  options: Object.fromEntries(['pkg', 'style', 'public', 'site', 'mode'].map((name) => [name, { type: 'string' }])),
})
const release = options.mode === 'release'
const compressible = /\.(css|html|js|json|map|mjs|svg|txt|wasm|webmanifest|xml)$/
// Below this a compressed copy saves less than the header that announces it.
const smallest = 256

/** Every file under a folder, as paths relative to it. */
function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
}

/** What the site shall hold: path in the site → bytes. */
function wanted() {
  const files = new Map()
  for (const path of filesUnder(options.public)) files.set(path, readFileSync(join(options.public, path)))
  for (const path of filesUnder(options.pkg)) files.set(join('pkg', path), readFileSync(join(options.pkg, path)))
  const { code, warnings } = bundle({
    filename: options.style,
    minify: release,
    // Browsers of the last two and a half years: everything that the style sheets use is native to them.
    targets: { chrome: 120 << 16, firefox: 121 << 16, safari: (17 << 16) | (2 << 8) },
  })
  for (const warning of warnings) console.warn(`    ${warning.loc?.filename ?? options.style}: ${warning.message}`)
  files.set('pkg/ocellus.css', Buffer.from(code))
  // One version for all of them: the pieces of the front end must always fit together.
  const version = createHash('sha256')
  for (const path of [...files.keys()].filter((path) => path.startsWith('pkg/')).sort()) version.update(path).update('\0').update(files.get(path))
  files.set('pkg/version', Buffer.from(version.digest('hex').slice(0, 16)))
  return files
}

function write(path, bytes) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}

const files = wanted()
const keep = new Set()
let changed = 0
for (const [path, bytes] of files) {
  const target = join(options.site, path)
  keep.add(path)
  const same = existsSync(target) && statSync(target).size === bytes.length && readFileSync(target).equals(bytes)
  if (!same) {
    write(target, bytes)
    changed += 1
  }
  if (!release || !compressible.test(path) || bytes.length < smallest) continue
  for (const [ending, compress] of [
    ['.br', () => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })],
    ['.gz', () => gzipSync(bytes, { level: 9 })],
  ]) {
    keep.add(path + ending)
    if (!same || !existsSync(target + ending)) write(target + ending, compress())
  }
}
for (const path of filesUnder(options.site)) if (!keep.has(path)) rmSync(join(options.site, path))

const digest = createHash('sha256')
for (const path of [...keep].sort()) digest.update(path).update('\0').update(readFileSync(join(options.site, path)))
const sum = digest.digest('hex')
const record = `${options.site}.sha256`
if (!existsSync(record) || readFileSync(record, 'utf8').trim() !== sum) writeFileSync(record, `${sum}\n`)

const kilobytes = (path) => (existsSync(join(options.site, path)) ? `${(statSync(join(options.site, path)).size / 1024).toFixed(0)} KB` : '–')
console.log(`    ${files.size} files, ${changed} changed` + (release ? `; as brotli: first wasm ${kilobytes('pkg/ocellus_bg.wasm.br')}, js ${kilobytes('pkg/ocellus.js.br')}, css ${kilobytes('pkg/ocellus.css.br')}` : ''))
