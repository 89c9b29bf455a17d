// Fills a site over its API: `BENCH_PASSWORD=… node fill.mjs URL USER COUNT`. The pictures are 60 small ones that repeat, each
// with a title of its own; every third has a region "Bench cat", so that queries have something to tell apart.
import { png } from './png.mjs'

const [url, user, count] = [process.argv[2], process.argv[3], Number(process.argv[4])]

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

const pictures = Array.from({ length: 60 }, (_, seed) => new Blob([png(96, 64, (x, y) => x * 2 + y * 3 + seed * 4)], { type: 'image/png' }))
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
