// How long the editor keeps the browser's main thread busy per frame: `BENCH_PASSWORD=… node editor.mjs URL USER [WHAT…]`.
//
// It uploads pictures with many regions, opens each in Chromium, plays gestures through the DevTools protocol, and reads the
// browser's own trace: a frame's time is the processor time of all tasks of the renderer's main thread (scripts, styles,
// layout, drawing into the canvases, and without a GPU their rasterisation) from one animation frame to the next. WHAT chooses scenes by
// name, `row` the way from picture to picture; scenes without a budget are only measured, and only when they are asked for by name or with `all`.
import { chromium } from '@playwright/test'
import { png } from '../../scripts/front/png.mjs'

const [url, user, ...wanted] = process.argv.slice(2)
const FRAME_MS = 1000 / 60
const OBJECTS = 24

/** Numbers from 0 to 1 that look random and are the same in each run. */
function random(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** So many shapes with ten corners each on average: boxes, polygons, lines and points of all sizes. */
function mixed(count) {
  const next = random(7)
  return Array.from({ length: count }, (_, index) => {
    const object = `Bench ${index % OBJECTS}`
    const reach = 0.002 * 20 ** next()
    const [x, y] = [reach + next() * (1 - 2 * reach), reach + next() * (1 - 2 * reach)]
    const ring = (corners) =>
      Array.from({ length: corners }, (_, corner) => {
        const [angle, radius] = [(corner / corners) * 2 * Math.PI, reach * (0.7 + 0.3 * next())]
        return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) }
      })
    const part = index % 20
    if (part < 6) return { type: 'bbox', shape: { x: x - reach, y: y - reach, w: 2 * reach, h: 2 * reach }, object }
    if (part < 15) return { type: 'polygon', shape: ring(16), object }
    if (part < 18) return { type: 'polyline', shape: ring(10), object }
    return { type: 'point', shape: { x, y }, object }
  })
}

/** One polygon with so many corners around the middle: a coast with bays. */
function coast(corners) {
  const next = random(11)
  const shape = Array.from({ length: corners }, (_, corner) => {
    const angle = (corner / corners) * 2 * Math.PI
    const radius = 0.36 + 0.05 * Math.sin(angle * 9) + 0.02 * Math.sin(angle * 61) + 0.002 * next()
    return { x: 0.5 + radius * Math.cos(angle), y: 0.5 + radius * Math.sin(angle) }
  })
  return [{ type: 'polygon', shape, object: 'Bench 0' }]
}

const shapes = (count, budget) => ({
  regions: () => mixed(count),
  first: budget && 500,
  gestures: [
    ['pan', budget, pan],
    ['zoom', budget, zoom],
    ['point at shapes', budget, hover],
    ['drag one shape', budget, dragShape],
    ['drag all shapes', undefined, dragAll],
  ],
})
const polygon = (corners, budget) => ({
  regions: () => coast(corners),
  first: budget && 500,
  gestures: [
    ['pan', budget && 16, pan],
    ['zoom', budget && 16, zoom],
    ['move a vertex', budget, dragVertex],
  ],
})
const SCENES = {
  '10,000 shapes': shapes(10_000, 16),
  '10,000 corners': polygon(10_000, 8),
  '100,000 shapes': shapes(100_000, undefined),
  '100,000 corners': polygon(99_999, undefined),
}

async function ask(path, options) {
  const answer = await fetch(url + path, { ...options, method: 'POST', headers: { origin: url, ...options.headers } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 300)}`)
  return answer
}
const json = (value, headers = {}) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } })

/** Moves the mouse through places, one in a frame, as a hand would. */
async function glide(page, places) {
  for (const [x, y] of places) {
    const started = performance.now()
    await page.mouse.move(x, y)
    await page.waitForTimeout(Math.max(0, FRAME_MS - (performance.now() - started)))
  }
}
const circle = ([x, y], radius, steps) =>
  Array.from({ length: steps }, (_, step) => {
    const angle = (step / steps) * 2 * Math.PI
    return [x + radius * (Math.cos(angle) - 1), y + radius * Math.sin(angle)]
  })

async function pan(page, { middle }) {
  await page.mouse.move(...middle)
  await page.mouse.wheel(0, -350)
  await page.waitForTimeout(500)
  await page.mouse.down({ button: 'middle' })
  await glide(page, circle(middle, 120, 90))
  await page.mouse.up({ button: 'middle' })
  await page.waitForTimeout(500)
  await page.keyboard.press('0')
}
async function zoom(page, { middle }) {
  await page.mouse.move(...middle)
  for (const way of [-1, 1, -1, 1]) {
    for (let turn = 0; turn < 25; turn += 1) {
      await page.mouse.wheel(0, way * 50)
      await page.waitForTimeout(FRAME_MS)
    }
    await page.waitForTimeout(300)
  }
  await page.keyboard.press('0')
}
async function hover(page, { middle }) {
  await glide(page, circle(middle, 150, 90))
}
async function dragShape(page, { at }) {
  // One in the middle of the picture, where it is crowded.
  const [x, y] = at(0.5, 0.5)
  await page.keyboard.press('v')
  await page.mouse.click(x, y)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await glide(page, circle([x + 2, y], 100, 90))
  await page.mouse.up()
}
async function dragAll(page, { at }) {
  await page.keyboard.press('v')
  await page.keyboard.press('Control+a')
  const [x, y] = at(0.5, 0.5)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await glide(page, circle([x + 2, y], 100, 30))
  await page.mouse.up()
  await page.keyboard.press('Escape')
}
async function dragVertex(page, { at, regions }) {
  await page.keyboard.press('v')
  await page.mouse.click(...at(0.5, 0.5))
  await page.waitForTimeout(500)
  const corner = regions[0].shape[Math.floor(regions[0].shape.length / 8)]
  const [x, y] = at(corner.x, corner.y)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await glide(page, circle([x + 4, y], 60, 90))
  await page.mouse.up()
}

/** What the main thread did in each frame of a trace, in milliseconds, and what took most of it. */
function frames(trace) {
  const events = JSON.parse(trace.toString()).traceEvents
  const painted = events.filter((event) => event.name === 'FireAnimationFrame')
  const thread = (event) => `${event.pid} ${event.tid}`
  const main = painted.length > 0 ? thread(painted[0]) : ''
  const tasks = events.filter((event) => event.name === 'RunTask' && event.ph === 'X' && thread(event) === main)
  tasks.sort((a, b) => a.ts - b.ts)
  // A frame ends with the task in which its animation callbacks run, which also draws.
  const ends = painted.filter((event) => thread(event) === main).map((event) => event.ts)
  const times = []
  let [sum, next] = [0, 0]
  // The processor time of the thread: what else the machine does at the same time is not counted.
  const cost = (event) => (event.tdur ?? event.dur ?? 0) / 1000
  for (const task of tasks) {
    sum += cost(task)
    if (next < ends.length && task.ts + (task.dur ?? 0) >= ends[next]) {
      times.push(sum)
      sum = 0
      while (next < ends.length && task.ts + (task.dur ?? 0) >= ends[next]) next += 1
    }
  }
  const parts = new Map()
  for (const event of events) {
    if (event.ph === 'X' && thread(event) === main && event.name !== 'RunTask') {
      parts.set(event.name, (parts.get(event.name) ?? 0) + (event.tdur ?? event.dur ?? 0) / 1000)
    }
  }
  return { times, parts: [...parts].sort((a, b) => b[1] - a[1]) }
}

let over = false
/** Prints a measurement against its budget. */
function tell(what, figures, value, budget) {
  const exceeded = budget !== undefined && value > budget
  over ||= exceeded
  const against = budget === undefined ? '' : ` (budget: ${budget} ms)${exceeded ? ' EXCEEDED' : ''}`
  console.log(`    ${what}: ${figures}${against}`)
}

/** A new picture of so many pixels with regions. */
async function upload(title, [width, height], regions, cookie) {
  const form = new FormData()
  form.set('json', JSON.stringify({ title, nature: 'photo', licence: ['CC0-1.0'] }))
  const seed = title.length + regions.length + (title.codePointAt(title.length - 1) ?? 0)
  form.set('file', new Blob([png(width, height, (x, y) => (x >> 3) * 5 + (y >> 3) * 3 + ((x * y) >> 12) + seed)], { type: 'image/png' }), 'bench.png')
  const picture = await (await ask('/api/upload', { body: form, headers: { cookie } })).json()
  // To a hundred-thousandth of the picture, so that the largest scene fits into a request.
  const rounded = JSON.parse(JSON.stringify(regions, (_, value) => (typeof value === 'number' ? Math.round(value * 1e5) / 1e5 : value)))
  await ask(`/api/picture/${picture.id}/annotations`, json(rounded, { cookie }))
  return picture
}

/** A page of somebody who is signed in. */
async function newPage(browser, cookie) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const [pair] = cookie.split('; ')
  const split = pair.indexOf('=')
  await context.addCookies([{ name: pair.slice(0, split), value: pair.slice(split + 1), url }])
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  page.on('console', (message) => message.type() === 'error' && console.log(`    ${message.text()}`))
  return page
}

/** From the key that leads to the next picture until that one is there to be drawn on, over a row that is worked through. */
async function measureSwitching(browser, cookie) {
  const pictures = []
  for (let index = 0; index < 14; index += 1) {
    const title = `Row ${String.fromCodePoint(97 + index)}`
    pictures.push(await upload(title, [1920, 1080], mixed(100), cookie))
  }
  const page = await newPage(browser, cookie)
  const query = encodeURIComponent('want:\n  - title: "Row _"\n')
  await page.goto(`${url}/picture/${pictures[0].id}/annotate?ordering=title-asc&query=${query}`)
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' })
  const times = []
  for (const picture of pictures.slice(1)) {
    // As long as somebody looks at a picture at least.
    await page.waitForTimeout(1500)
    await page.evaluate((title) => {
      window.switched = undefined
      document.addEventListener('keydown', (event) => (window.pressed = event.timeStamp), { once: true, capture: true })
      const look = () => {
        const image = document.querySelector('.editor-still img')
        const there = document.querySelector('h1')?.textContent === title && image?.alt === title && image.complete
        if (!there || !document.querySelector('.editor-surface.is-live')) return requestAnimationFrame(look)
        requestAnimationFrame(() => setTimeout(() => (window.switched = performance.now() - window.pressed)))
      }
      look()
    }, picture.title)
    await page.keyboard.press('PageDown')
    await page.waitForFunction(() => window.switched !== undefined)
    times.push(await page.evaluate(() => window.switched))
  }
  times.sort((a, b) => a - b)
  const [middle, most] = [times[Math.floor(times.length / 2)], times[times.length - 1]]
  tell('the next picture of a row', `p50 ${middle.toFixed(0)} ms, max ${most.toFixed(0)} ms in ${times.length} switches`, most, 100)
  await page.context().close()
}

async function measure(browser, name, scene, cookie) {
  const regions = scene.regions()
  const picture = await upload(name, [4000, 3000], regions, cookie)
  const page = await newPage(browser, cookie)
  await page.goto(`${url}/help`)
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' })
  // The page comes as in everyday work: by a link, with the program there already.
  await page.evaluate((id) => {
    const link = Object.assign(document.createElement('a'), { href: `/picture/${id}/annotate`, textContent: 'annotate' })
    document.querySelector('main').prepend(link)
    const look = () => {
      if (!document.querySelector('.editor-surface.is-live')) return requestAnimationFrame(look)
      requestAnimationFrame(() => setTimeout(() => (window.firstPaint = performance.now())))
    }
    look()
  }, picture.id)
  // The answer that brings the regions. Others come later, also when they are drawn already.
  const data = page.waitForResponse((answer) => answer.url() === `${url}/fn/picture_to_annotate` && answer.request().postDataJSON().id === picture.id)
  await page.locator(`a[href="/picture/${picture.id}/annotate"]`).first().click()
  const source = (await data).url()
  await page.waitForFunction(() => window.firstPaint !== undefined)
  const first = await page.evaluate((source) => window.firstPaint - performance.getEntriesByName(source, 'resource')[0].responseEnd, source)
  tell(`${name}, first paint after the data`, `${first.toFixed(0)} ms`, first, scene.first)
  await page.waitForTimeout(1500)

  const box = await page.locator('.editor-surface').boundingBox()
  const scale = Math.min((box.width - 32) / 4000, (box.height - 32) / 3000)
  const at = (x, y) => [box.x + box.width / 2 + (x - 0.5) * 4000 * scale, box.y + box.height / 2 + (y - 0.5) * 3000 * scale]
  await page.mouse.click(...at(0.999, 0.001))
  for (const [gesture, budget, play] of scene.gestures) {
    await page.waitForTimeout(500)
    await browser.startTracing(page, { categories: ['-*', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] })
    await play(page, { middle: at(0.5, 0.5), at, regions })
    const { times, parts } = frames(await browser.stopTracing())
    times.sort((a, b) => a - b)
    const percentile = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0
    const figures = [`p50 ${percentile(0.5).toFixed(1)} ms`, `p95 ${percentile(0.95).toFixed(1)} ms`, `max ${percentile(1).toFixed(1)} ms`]
    tell(`${name}, ${gesture}`, `${figures.join(', ')} in ${times.length} frames`, percentile(0.95), budget)
    if (process.env.BENCH_PARTS) console.log(`        ${parts.slice(0, 8).map(([part, time]) => `${part} ${time.toFixed(0)}`).join(', ')}`)
  }
  await page.context().close()
}

const signedIn = await ask('/api/login', json({ username: user, password: process.env.BENCH_PASSWORD }))
const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
for (let index = 0; index < OBJECTS; index += 1) {
  await ask('/api/new-object', json({ id: `Bench ${index}`, description: '', parents: [] }, { cookie }))
}
const browser = await chromium.launch({
  executablePath: process.env.E2E_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
})
const chosen = Object.entries(SCENES).filter(([name, scene]) =>
  wanted.length > 0 ? wanted.includes('all') || wanted.includes(name) : scene.first !== undefined,
)
for (const [name, scene] of chosen) await measure(browser, name, scene, cookie)
if (wanted.length === 0 || wanted.includes('all') || wanted.includes('row')) await measureSwitching(browser, cookie)
await browser.close()
process.exit(over ? 1 : 0)
