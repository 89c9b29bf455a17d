import { randomBytes } from 'node:crypto'
import { type APIResponse, type BrowserContext, type BrowserContextOptions, type Page, expect, test as base } from '@playwright/test'
import { type PictureFile, drawing } from './pictures'
import { Watch } from './watch'

export { expect }
export type { Page }

export interface Account {
  name: string
  password: string
}

/** The administrator that the set-up makes. */
export const keeper: Account = { name: 'keeper', password: 'keeps-the-whole-site-tidy' }

/** A name that nobody has yet, and that no other one looks like: the site takes names that differ by a letter for mistakes. */
export function newName(prefix: string): string {
  return `${prefix}${BigInt(`0x${randomBytes(10).toString('hex')}`).toString(36)}`.toLowerCase().slice(0, 32)
}

/** What the JSON API says of a picture, as far as the stories ask. */
export interface Picture {
  id: number
  title: string
  author: string
  width: number
  height: number
  download: string
  regions: Region[]
}

export interface Region {
  id: number
  type: 'bbox' | 'polygon' | 'polyline' | 'point'
  shape: unknown
  object: string
}

/** The JSON API with the cookies of a browser, as a script beside it would use it. */
export class Api {
  constructor(
    private readonly context: BrowserContext,
    private readonly url: string,
  ) {}

  /** A cookie alone does not change anything: the origin has to be the site's own. */
  private get headers(): Record<string, string> {
    return { origin: this.url }
  }

  private async json<T>(answer: APIResponse): Promise<T> {
    expect(answer.ok(), `${answer.url()}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return (answer.status() === 204 ? undefined : await answer.json()) as T
  }

  async signIn(account: Account): Promise<void> {
    const data = { username: account.name, password: account.password }
    await this.json(await this.context.request.post(`${this.url}/api/login`, { data, headers: this.headers }))
  }

  get<T>(path: string): Promise<T> {
    return this.context.request.get(`${this.url}/api${path}`).then((answer) => this.json<T>(answer))
  }

  post<T>(path: string, data: unknown): Promise<T> {
    return this.context.request.post(`${this.url}/api${path}`, { data, headers: this.headers }).then((answer) => this.json<T>(answer))
  }

  put<T>(path: string, data: unknown): Promise<T> {
    return this.context.request.put(`${this.url}/api${path}`, { data, headers: this.headers }).then((answer) => this.json<T>(answer))
  }

  /** Puts a file into a dataset, as a commit, and gives that. */
  putFile(dataset: number, path: string, data: Buffer | string): Promise<{ commit: string }> {
    const headers = { ...this.headers, 'content-type': 'application/octet-stream' }
    return this.context.request
      .put(`${this.url}/api/v1/datasets/${dataset}/files/${path}`, { data, headers })
      .then((answer) => this.json<{ commit: string }>(answer))
  }

  upload(file: PictureFile, details: Record<string, unknown> = {}): Promise<Picture> {
    const json = { title: file.name, nature: 'photo', licence: ['CC0-1.0'], ...details }
    const multipart = { json: JSON.stringify(json), file }
    return this.context.request
      .post(`${this.url}/api/upload`, { multipart, headers: this.headers })
      .then((answer) => this.json<Picture>(answer))
  }

  query(yaml: string): Promise<Picture[]> {
    return this.context.request
      .post(`${this.url}/api/query-pictures`, { data: yaml, headers: { ...this.headers, 'content-type': 'application/yaml' } })
      .then((answer) => this.json<Picture[]>(answer))
  }

  annotations(picture: number): Promise<Region[]> {
    return this.get<Region[]>(`/picture/${picture}/annotations`)
  }

  newObject(name: string, parents: string[] = []): Promise<unknown> {
    return this.post('/new-object', { id: name, description: '', parents })
  }
}

interface Fixtures {
  /** Fails the test for whatever should not happen on a page. */
  watch: Watch
  /** Opens a page in another browser, where nobody is signed in. It is watched as well, and closed after the story. */
  elsewhere: (options?: BrowserContextOptions) => Promise<Page>
  /** The JSON API with the page's cookies. */
  api: Api
  /** A picture of the keeper's, whom the page is signed in as, and an object's name to label regions with. */
  studio: { picture: Picture; object: string }
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => {
    await use(process.env.E2E_URL)
  },
  watch: [
    async ({ context }, use) => {
      const watch = new Watch(context)
      await use(watch)
      expect(watch.complaints(), 'nothing goes wrong on the pages').toEqual([])
    },
    { auto: true },
  ],
  elsewhere: async ({ browser, baseURL, watch }, use) => {
    const others: BrowserContext[] = []
    await use(async (options) => {
      const other = await browser.newContext({ baseURL, ...options })
      others.push(other)
      watch.follow(other)
      return other.newPage()
    })
    for (const other of others) await other.close()
  },
  api: async ({ context, baseURL }, use) => {
    await use(new Api(context, baseURL ?? ''))
  },
  studio: async ({ api }, use) => {
    await api.signIn(keeper)
    const object = newName('Thing ')
    await api.newObject(object)
    await use({ picture: await api.upload(drawing('studio.png')), object })
  },
})

/** Goes to a page and waits until the browser's half has taken it over. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await hydrated(page)
}

/** Waits until the browser's half has taken the page over. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' })
}
