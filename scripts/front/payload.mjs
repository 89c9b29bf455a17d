// Adds up what a browser loads before a page works: `node payload.mjs URL BUDGET_KB`. Every byte is counted as it crosses
// the wire to a browser that takes brotli: the page, its style sheet, its scripts, the WebAssembly.
import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

const [address, budget] = [new URL(process.argv[2]), Number(process.argv[3])]

/** The bytes on the wire and the text that they stand for. */
function load(url) {
  return new Promise((done, fail) => {
    request(url, { headers: { 'accept-encoding': 'br', accept: 'text/html,*/*' } }, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () => {
        if (answer.statusCode !== 200) return fail(new Error(`${url} answered ${answer.statusCode}`))
        const wire = Buffer.concat(chunks)
        const decode = { br: brotliDecompressSync, gzip: gunzipSync }[answer.headers['content-encoding']] ?? ((bytes) => bytes)
        done({ wire: wire.length, encoding: answer.headers['content-encoding'] ?? 'plain', text: decode(wire).toString('utf8') })
      })
    })
      .on('error', fail)
      .end()
  })
}

const page = await load(address)
const rows = [[address.pathname, page]]
const wanted = new Set()
for (const [tag] of page.text.matchAll(/<(?:link|script)\b[^>]*>/g)) {
  if (tag.startsWith('<link') && !/rel="?(?:stylesheet|modulepreload|preload)/.test(tag)) continue
  const found = tag.match(/(?:href|src)="?([^"\s>]+)/)
  if (found) wanted.add(new URL(found[1].replaceAll('&amp;', '&'), address).href)
}
for (const url of wanted) {
  const file = await load(url)
  rows.push([new URL(url).pathname, file])
  // Modules that the bindings import are loaded as well.
  if (url.includes('.js')) for (const [, path] of file.text.matchAll(/from\s*['"](\.[^'"]+)['"]/g)) wanted.add(new URL(path, url).href)
}
let total = 0
for (const [path, { wire, encoding }] of rows) {
  total += wire
  console.log(`    ${(wire / 1024).toFixed(1).padStart(8)} KB  ${encoding.padEnd(6)} ${path}`)
}
console.log(`    ${(total / 1024).toFixed(1).padStart(8)} KB  together (budget: ${budget} KB)`)
process.exit(total <= budget * 1024 ? 0 : 1)
