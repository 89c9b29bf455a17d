// Shortens what WebAssembly and its bindings call each other: `node shorten.mjs DIR`. The generated names end in hashes, which
// no compression makes smaller, and stand on both sides; the bindings also lose their comments and their indentation.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const wasmPath = join(folder, 'ocellus_bg.wasm')
const scriptPath = join(folder, 'ocellus.js')
const bindings = './ocellus_bg.js'
const importSection = 2

const wasm = readFileSync(wasmPath)
let at = 0

function number() {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return value
  }
}
function encoded(value) {
  const bytes = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}
const name = () => {
  const length = number()
  return wasm.toString('utf8', at, (at += length))
}
const encodedName = (text) => Buffer.concat([encoded(Buffer.byteLength(text)), Buffer.from(text)])
/** Passes the description of an import: a function, a table, a memory or a global. */
function passKind() {
  const kind = wasm[at++]
  if (kind === 0) return number()
  if (kind === 3) return (at += 2)
  if (kind === 4) {
    at += 1
    return number()
  }
  if (kind === 1) at += 1
  else if (kind !== 2) throw new Error(`an import of the unknown kind ${kind}`)
  const limits = wasm[at++]
  number()
  if (limits & 1) number()
}

const short = new Map()
function shortened() {
  const parts = []
  const count = number()
  parts.push(encoded(count))
  for (let index = 0; index < count; index += 1) {
    const [module, field] = [name(), name()]
    const start = at
    passKind()
    if (module === bindings && !short.has(field)) short.set(field, `i${short.size.toString(36)}`)
    const to = module === bindings ? short.get(field) : field
    parts.push(encodedName(module), encodedName(to), wasm.subarray(start, at))
  }
  return Buffer.concat(parts)
}

const header = 8
const sections = [wasm.subarray(0, header)]
for (at = header; at < wasm.length; ) {
  const start = at
  const id = wasm[at++]
  const length = number()
  const end = at + length
  if (id === importSection) {
    const body = shortened()
    sections.push(Buffer.from([id]), encoded(body.length), body)
  } else sections.push(wasm.subarray(start, end))
  at = end
}

let script = readFileSync(scriptPath, 'utf8')
const found = new Set()
script = script.replace(/^ +([$\w]+)(?=: )/gm, (line, key) => {
  if (!short.has(key)) return line
  if (found.has(key)) throw new Error(`${key} stands twice in ${scriptPath}`)
  found.add(key)
  return short.get(key)
})
for (const key of short.keys()) if (!found.has(key)) throw new Error(`${key} does not stand in ${scriptPath}`)
script = script.replace(/^\s*\/\*\*[^]*?\*\/$/gm, '').replace(/^\s+/gm, '')

writeFileSync(wasmPath, Buffer.concat(sections))
writeFileSync(scriptPath, script)
