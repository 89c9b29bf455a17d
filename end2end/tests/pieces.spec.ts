import { spawnSync } from 'node:child_process'
import { expect, hydrated, keeper, newName, open, test } from '../support/fixtures'

test.describe('the pieces of the front end', () => {
  test('that the query page waits for are small', ({ baseURL }) => {
    // It adds up what comes over the wire, and fails above the budget.
    const script = new URL('../../scripts/front/payload.mjs', import.meta.url).pathname
    const nothing = encodeURIComponent(`want: [{title: ${newName('nothing-')}}]`)
    const told = spawnSync('node', [script, `${baseURL}/query?query=${nothing}`, '350'], { encoding: 'utf8' })
    expect(told.stdout).toContain('.wasm')
    expect(told.status, told.stdout).toBe(0)
  })

  test('come when one goes there, and not before', async ({ page, api }) => {
    await api.signIn(keeper)
    const fetched: string[] = []
    page.on('request', (request) => {
      const piece = /\/pkg\/[0-9a-f]+\/split_(\w+)\.wasm$/.exec(request.url())?.[1]
      if (piece) fetched.push(piece)
    })
    await open(page, '/')
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    const atHome = [...fetched]
    expect(atHome).not.toContain('query')
    // The tools for queries come by themselves, after the page.
    await open(page, '/query')
    await expect.poll(() => fetched.filter((piece) => !atHome.includes(piece))).toEqual(['query'])
    fetched.splice(0, fetched.length, 'query')
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Upload' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Upload/)
    expect(fetched).toEqual(['query', 'upload'])
    await page.goBack()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Query')
  })

  test('that are gone after a new build lead to the whole page', async ({ page, api, watch }) => {
    watch.allow(/split_upload|404|HTTP status code is not ok/)
    await api.signIn(keeper)
    await open(page, '/query')
    await page.evaluate(() => Object.assign(window, { old: true }))
    await page.route('**/split_upload.wasm', (route) => route.fulfill({ status: 404 }), { times: 1 })
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Upload' }).click()
    await page.waitForURL('**/upload')
    await hydrated(page)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Upload/)
    expect(await page.evaluate(() => 'old' in window)).toBe(false)
  })

  test('that come late leave the page readable, and take it over when they are there', async ({ page, api, watch }) => {
    watch.allow(/split_places|404|HTTP status code is not ok/)
    await api.signIn(keeper)
    const object = newName('Late ')
    await api.newObject(object)
    await page.route('**/split_places.wasm', (route) => route.fulfill({ status: 404 }), { times: 1 })
    await page.goto(`/object/${encodeURIComponent(object)}`)
    await expect(page.getByRole('heading', { level: 1 })).toContainText(object)
    await hydrated(page)
  })

  test('of another version are not served', async ({ request, baseURL }) => {
    const html = await (await request.get(`${baseURL}/query`)).text()
    const script = /\/pkg\/([0-9a-f]+)\/ocellus\.js/.exec(html)
    expect(script).not.toBeNull()
    const there = await request.get(`${baseURL}${script?.[0]}`)
    expect(there.headers()['cache-control']).toContain('immutable')
    expect((await request.get(`${baseURL}/pkg/0000000000000000/ocellus.js`)).status()).toBe(404)
  })
})
