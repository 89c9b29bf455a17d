// `make watch`: builds the front end and the server on every change, keeps a server running, and tells the browsers that
// have a page of it open. Pages ask this program for `reload.js` when the server is started with OCELLUS_RELOAD_PORT.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import chokidar from 'chokidar'

const port = Number(process.env.OCELLUS_RELOAD_PORT || 3001)
const target = process.env.CARGO_TARGET_DIR ?? 'target'
const say = (text) => console.log(`\x1b[1m==>\x1b[0m ${text}`)

// Browsers ------------------------------------------------------------------------------------------------------------

const listeners = new Set()

/** Runs in the page: a new style sheet is put in place, anything else loads the page again. */
const script = `{
  const events = new EventSource('http://127.0.0.1:${port}/events')
  events.addEventListener('style', () => {
    for (const link of document.querySelectorAll('link[rel=stylesheet]')) {
      link.href = '/pkg/ocellus.css?' + Date.now()
    }
  })
  events.addEventListener('page', () => location.reload())
}`

const reload = createServer((request, response) => {
  response.setHeader('access-control-allow-origin', '*')
  if (request.url === '/reload.js') {
    response.setHeader('content-type', 'text/javascript')
    response.end(script)
  } else if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 500\n\n')
    listeners.add(response)
    request.on('close', () => listeners.delete(response))
  } else {
    response.writeHead(404).end()
  }
})

function tell(event) {
  for (const listener of listeners) listener.write(`event: ${event}\ndata: now\n\n`)
}

// Builds --------------------------------------------------------------------------------------------------------------

/** Runs a command to its end; true when it went well. */
function run(command, ...args) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: 'inherit' })
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      done(false)
    })
    child.on('exit', (code) => done(code === 0))
  })
}

let server
let stopping = false

async function stopServer() {
  const child = server
  server = undefined
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(force)
}

async function restartServer() {
  await stopServer()
  if (stopping) return
  const environment = { ...process.env, OCELLUS_RELOAD_PORT: String(port) }
  const child = spawn(join(target, 'debug/ocellus'), ['serve'], { stdio: 'inherit', env: environment })
  child.on('error', (error) => console.error(`the server does not start: ${error.message}`))
  child.on('exit', (code) => {
    if (server === child && code !== 0) say('the server has ended; the next change starts it again')
  })
  server = child
  // Reloading before the new server listens would show an error page.
  const address = process.env.OCELLUS_ADDRESS ?? /^address *= *"(.*)"/m.exec(readFileSync('Leptos.toml', 'utf8'))?.[1] ?? '127.0.0.1:3000'
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    if (await fetch(`http://${address}/api/health`).then((answer) => answer.ok, () => false)) return
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** Builds what a set of changed paths needs. */
async function build(paths) {
  const code = [...paths].some((path) => !path.startsWith('style/') && !path.startsWith('public/'))
  const started = Date.now()
  if (!code) {
    if (await run('scripts/front.sh', 'dev')) tell('style')
    return
  }
  // The two have target folders of their own, so neither waits for the other's lock.
  const [front, back] = await Promise.all([run('scripts/front.sh', 'dev'), run('cargo', 'build', '--locked', '--bin', 'ocellus')])
  if (!back || !front) {
    say('the build failed; the server that ran before goes on')
    return
  }
  await restartServer()
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s; waiting for changes`)
  tell('page')
}

// Changes -------------------------------------------------------------------------------------------------------------

let changed = new Set()
let building = false

async function drain() {
  if (building) return
  building = true
  while (changed.size > 0 && !stopping) {
    const paths = changed
    changed = new Set()
    await build(paths)
  }
  building = false
}

let timer
function note(path) {
  changed.add(path)
  // Editors write several files in a row, and some write one file several times.
  clearTimeout(timer)
  timer = setTimeout(drain, 150)
}

async function stop() {
  if (stopping) return
  stopping = true
  await stopServer()
  process.exit(0)
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

reload.on('error', (error) => {
  console.error(`port ${port} for reloading: ${error.message}; set OCELLUS_RELOAD_PORT to a free one`)
  process.exit(1)
})
reload.listen(port, '127.0.0.1')
const places = ['src', 'style', 'public', 'migrations', 'Cargo.toml', 'Cargo.lock', 'Leptos.toml']
chokidar.watch(places, { ignoreInitial: true }).on('all', (_event, path) => note(path))
say(`watching ${places.join(', ')}`)
changed.add('src')
drain()
