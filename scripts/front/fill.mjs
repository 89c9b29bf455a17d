// Fills a site over its API: `BENCH_PASSWORD=… node fill.mjs URL USER COUNT`. The pictures are 60 small ones that repeat, each
// with a title of its own; every third has a region "Bench cat", so that queries have something to tell apart.
import { deflateSync } from 'node:zlib'

const [url, user, count] = [process.argv[2], process.argv[3], Number(process.argv[4])]

/** The smallest valid greyscale PNG of a size whose pixels depend on a seed. */
function png(seed, width = 96, height = 64) {
  const table = Array.from({ length: 256 }, (_, n) => [...Array(8)].reduce((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n) >>> 0)
  const crc = (bytes) => (bytes.reduce((c, byte) => table[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = (x * 2 + y * 3 + seed * 4) % 256
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

async function ask(path, options) {
  const answer = await fetch(url + path, { ...options, method: 'POST', headers: { origin: url, ...options.headers } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

const json = (value) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })
const signedIn = await ask('/api/login', json({ username: user, password: process.env.BENCH_PASSWORD }))
const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
const object = json({ id: 'Bench cat', description: '', parents: [] })
await ask('/api/new-object', { ...object, headers: { ...object.headers, cookie } })

const pictures = Array.from({ length: 60 }, (_, seed) => new Blob([png(seed)], { type: 'image/png' }))
let next = 0
async function worker() {
  while (next < count) {
    const number = next
    next += 1
    const form = new FormData()
    const annotations = number % 3 === 0 ? [{ type: 'bbox', shape: { x: 0.1, y: 0.2, w: 0.5, h: 0.5 }, object: 'Bench cat' }] : []
    form.set('json', JSON.stringify({ title: `Picture ${number}`, nature: 'photo', licence: ['CC0-1.0'], annotations }))
    form.set('file', pictures[number % pictures.length], `${number}.png`)
    await ask('/api/upload', { body: form, headers: { cookie } })
    if (number > 0 && number % 2000 === 0) console.log(`    ${number} of ${count} pictures`)
  }
}
await Promise.all(Array.from({ length: 4 }, worker))
console.log(`    filled with ${count} pictures`)
