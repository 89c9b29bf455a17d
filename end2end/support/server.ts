import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The program under test. `make test` names the development build that it has just made. */
const program = resolve(process.env.E2E_OCELLUS ?? '../target/debug/ocellus')

/** A port of this machine that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))))
    })
  })
}

/** An Ocellus of our own: a data folder, and a server that can be stopped and started again over it. */
export class Server {
  readonly url: string
  /** Everything that the server printed since it was made. */
  output = ''
  private process?: ChildProcess

  private constructor(
    readonly folder: string,
    private readonly port: number,
    private readonly settings: Record<string, string>,
  ) {
    this.url = `http://127.0.0.1:${port}`
  }

  /** Makes an empty site in a new folder; `start` brings it up. */
  static async create(settings: Record<string, string> = {}): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'ocellus-end2end-'))
    mkdirSync(join(folder, 'data'))
    mkdirSync(join(folder, 'shelves'))
    return new Server(folder, await freePort(), settings)
  }

  /** The settings, and nothing that this machine's environment may say to an Ocellus. */
  private environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OCELLUS_'))
    return {
      ...Object.fromEntries(inherited),
      OCELLUS_ADDRESS: `127.0.0.1:${this.port}`,
      OCELLUS_DATA_DIR: join(this.folder, 'data'),
      // Storage sites may be here, and at a port that nobody listens on.
      OCELLUS_STORAGE_ROOTS: join(this.folder, 'shelves'),
      OCELLUS_STORAGE_ENDPOINTS: 'http://127.0.0.1:9',
      OCELLUS_STORAGE_SECONDS: '2',
      // The whole suite comes from one address.
      OCELLUS_REGISTRATIONS_PER_HOUR: '1000',
      OCELLUS_LOGINS_PER_MINUTE: '1000',
      ...this.settings,
    }
  }

  async start(): Promise<void> {
    const child = spawn(program, ['serve'], { cwd: this.folder, env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    this.process = child
    const record = (chunk: Buffer): void => {
      this.output += chunk.toString()
      appendFileSync(join(this.folder, 'server.log'), chunk)
    }
    child.stdout?.on('data', record)
    child.stderr?.on('data', record)
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
      if (child.exitCode !== null) throw new Error(`the server ended at once:\n${this.output}`)
      const healthy = await fetch(`${this.url}/api/health`).then((answer) => answer.ok, () => false)
      if (healthy) return
      await new Promise((done) => setTimeout(done, 100))
    }
    throw new Error(`the server is not healthy after 30 seconds:\n${this.output}`)
  }

  /** Asks the server to end, and makes it end after ten seconds. */
  async stop(): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((done) => child.once('exit', () => done()))
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(force)
  }

  /** Stops the server, prints what it calls errors, since its log goes as well, and removes its folder. */
  async remove(): Promise<void> {
    await this.stop()
    for (const line of this.output.split('\n')) if (/\bERROR\b|panicked at/.test(line)) console.log(line)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs a command of the program over the same site and gives back what it printed. */
  command(args: string[], input = ''): Promise<string> {
    return new Promise((done, fail) => {
      const child = execFile(program, args, { cwd: this.folder, env: this.environment(), timeout: 60_000 }, (error, stdout, stderr) => {
        if (error) fail(new Error(`ocellus ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`))
        else done(stdout)
      })
      child.stdin?.end(input)
    })
  }

  /** Adds a user, as an administrator would on the console. */
  async addUser(name: string, password: string, admin = false): Promise<void> {
    await this.command(['user', 'add', name, ...(admin ? ['--admin'] : []), '--password-stdin'], `${password}\n`)
  }
}
