import { Upload } from 'tus-js-client'
import { type Api, expect, keeper, newName, test } from '../support/fixtures'

/** What the API says of a file that comes in parts. */
interface Coming {
  offset: number
  size: number
  md5: string | null
}

interface Dataset {
  id: number
}

async function made(api: Api): Promise<number> {
  await api.signIn(keeper)
  const dataset = await api.post<Dataset>('/v1/datasets', { namespace: keeper.name, name: newName('tus-'), visibility: 'private' })
  return dataset.id
}

test('another client of the protocol brings a file, stops, and goes on where it was', async ({ api, baseURL, context }) => {
  const id = await made(api)
  const cookies = await context.cookies()
  const headers = { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '), origin: baseURL ?? '' }
  const file = Buffer.alloc(3_000_000, 'ocellus')
  const bring = (url: string | null, stopAt: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const upload = new Upload(file, {
        endpoint: `${baseURL}/api/v1/datasets/${id}/uploads`,
        uploadUrl: url,
        headers,
        metadata: { path: 'train/large.bin' },
        chunkSize: 500_000,
        retryDelays: [0, 100, 1000],
        onChunkComplete: (_, sent) => {
          if (sent >= stopAt && sent < file.length) void upload.abort().then(() => resolve(upload.url ?? ''))
        },
        onSuccess: () => resolve(upload.url ?? ''),
        onError: reject,
      })
      upload.start()
    })
  const url = await bring(null, 1_000_000)
  const path = new URL(url).pathname.replace('/api', '')
  const half = await api.get<Coming>(path)
  expect(half.offset).toBeGreaterThanOrEqual(1_000_000)
  expect(half.offset).toBeLessThan(file.length)
  expect(half.md5).toBeNull()
  expect(await bring(url, Infinity)).toBe(url)
  const whole = await api.get<Coming>(path)
  expect(whole.offset).toBe(file.length)
  await api.post(`/v1/datasets/${id}/commits`, { changes: [{ action: 'put', path: 'train/large.bin', md5: whole.md5 }] })
  const answer = await context.request.get(`${baseURL}/api/v1/datasets/${id}/files/train/large.bin`)
  expect((await answer.body()).equals(file)).toBe(true)
})

test('another client ends what it began', async ({ api, baseURL, context }) => {
  const id = await made(api)
  const cookies = await context.cookies()
  const headers = { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '), origin: baseURL ?? '' }
  const url = await new Promise<string>((resolve, reject) => {
    const upload = new Upload(Buffer.alloc(2_000_000), {
      endpoint: `${baseURL}/api/v1/datasets/${id}/uploads`,
      headers,
      metadata: { path: 'gone.bin' },
      chunkSize: 500_000,
      onChunkComplete: () => void upload.abort(true).then(() => resolve(upload.url ?? ''), reject),
      onError: reject,
    })
    upload.start()
  })
  const answer = await context.request.get(new URL(url, baseURL).href)
  expect(answer.status()).toBe(404)
})
