import AxeBuilder from '@axe-core/playwright'
import { GalleryPage, Slideshow } from '../pages/gallery'
import { type Api, type Picture, expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

/** A gallery of the keeper's with three pictures. */
async function three(api: Api): Promise<{ id: number; pictures: Picture[]; titles: string[] }> {
  await api.signIn(keeper)
  const titles = ['one', 'two', 'three'].map((name) => newName(`${name} `))
  const pictures: Picture[] = []
  for (const title of titles) pictures.push(await api.upload(drawing(`${title}.png`), { title }))
  const { id } = await api.post<{ id: number }>('/new-gallery', { title: newName('Three ') })
  await api.post(`/gallery/${id}/add-pictures`, { picture_ids: pictures.map((picture) => picture.id) })
  return { id, pictures, titles }
}

test('a gallery is made, edited, shared and deleted', async ({ page, api, baseURL, watch }) => {
  // Nobody has the name that is tried first.
  watch.allow(/add_gallery_user|404/)
  await api.signIn(keeper)
  const gallery = new GalleryPage(page)
  const title = newName('Birds ')
  await gallery.make(title, 'That sing.')
  await expect(page.getByText('That sing.').first()).toBeVisible()

  await gallery.unfold('Edit')
  await page.getByLabel('Title').fill(`${title} and bees`)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(gallery.heading).toHaveText(`${title} and bees`)

  await gallery.unfold('Trusted users')
  await page.getByLabel('Username').fill('nobody-of-this-name')
  await page.getByRole('button', { name: 'Trust this user' }).click()
  await expect(page.getByRole('alert').filter({ hasText: /no user/i })).toBeVisible()
  await page.getByLabel('Username').fill(keeper.name)
  await page.getByRole('button', { name: 'Trust this user' }).click()
  await expect(page.getByText(`with ${keeper.name}`)).toBeVisible()
  await gallery.unfold('Trusted users')
  await page.getByRole('button', { name: `Remove ${keeper.name}` }).click()
  await expect(page.getByText(`with ${keeper.name}`)).toHaveCount(0)

  const address = page.url()
  await gallery.unfold('Delete')
  await page.getByRole('button', { name: 'Delete the gallery' }).click()
  await expect(page).toHaveURL(`${baseURL}/galleries`)
  expect((await page.request.get(address)).status()).toBe(404)
})

test('pictures are put in order by buttons, by keys and by dragging', async ({ page, api }) => {
  const { id, titles } = await three(api)
  const [one = '', two = '', last = ''] = titles
  const gallery = new GalleryPage(page)
  await gallery.open(id)
  await expect(gallery.pictures).toHaveText(titles)
  await gallery.arrange()
  await gallery.ordered([one, two, last])

  await page.getByRole('button', { name: `Move ${last} up` }).click()
  await gallery.ordered([one, last, two])
  await expect(gallery.announced).toHaveText('Moved to place 2.')
  // The focus stays with the picture, so that pressing again goes on.
  await expect(page.getByRole('button', { name: `Move ${last} up` })).toBeFocused()
  await page.keyboard.press('Enter')
  await gallery.ordered([last, one, two])
  await expect(page.getByRole('button', { name: `Move ${last} down` })).toBeFocused()

  await gallery.rows.nth(2).dragTo(gallery.rows.nth(0))
  await gallery.ordered([two, last, one])

  await page.getByRole('button', { name: `Use ${one} as cover` }).click()
  await expect(gallery.rows.nth(2)).toContainText('Cover')
  await expect(gallery.announced).toHaveText('The cover is another one.')
  await page.getByRole('button', { name: `Take ${last} out of the gallery` }).click()
  await gallery.ordered([two, one])
  await expect(gallery.announced).toHaveText('Taken out of the gallery.')
  await page.getByRole('link', { name: 'Done arranging' }).click()
  await expect(gallery.pictures).toHaveText([two, one])
})

test('what is announced while arranging has happened', async ({ page, api, watch }) => {
  const { id, titles } = await three(api)
  const [one = '', two = '', last = ''] = titles
  const gallery = new GalleryPage(page)
  await gallery.open(id)
  await gallery.arrange()
  // Every text that a live region gets is heard, also one that is the same as before.
  await page.evaluate(() => {
    const heard: string[] = []
    Object.assign(window, { heard })
    const note = (region: Element): void => void (region.textContent && heard.push(region.textContent))
    for (const region of document.querySelectorAll('p[aria-live="polite"]')) {
      new MutationObserver(() => note(region)).observe(region, { childList: true, characterData: true, subtree: true })
    }
  })
  const heard = (): Promise<string[]> => page.evaluate(() => (window as unknown as { heard: string[] }).heard)
  await page.getByRole('button', { name: `Move ${two} up` }).click()
  await gallery.ordered([two, one, last])
  await page.getByRole('button', { name: `Move ${one} up` }).click()
  await gallery.ordered([one, two, last])
  await expect.poll(heard).toEqual(['Moved to place 1.', 'Moved to place 1.'])

  watch.allow(/500/)
  await page.route('**/fn/reorder_gallery', (route) => route.fulfill({ status: 500, body: '' }))
  await page.getByRole('button', { name: `Move ${last} up` }).click()
  await expect(page.getByRole('main').getByRole('alert').filter({ hasText: /\S/ })).toBeVisible()
  await gallery.ordered([one, two, last])
  expect(await heard()).toEqual(['Moved to place 1.', 'Moved to place 1.'])
})

test('a slideshow goes by keys, and remembers the picture in its address', async ({ page, api }) => {
  const { id, pictures, titles } = await three(api)
  const [one = '', two = '', last = ''] = titles
  await open(page, `/gallery/${id}`)
  await page.getByRole('link', { name: 'Slideshow' }).click()
  const show = new Slideshow(page)
  await show.shows(one, '1 of 3')
  await page.keyboard.press('ArrowRight')
  await show.shows(two, '2 of 3')
  await expect(page).toHaveURL(new RegExp(`picture=${pictures[1]?.id}$`))
  await page.keyboard.press('Space')
  await show.shows(last, '3 of 3')
  // There is nothing after the last one: what comes back is the one before it.
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowLeft')
  await show.shows(two, '2 of 3')
  await page.keyboard.press('Home')
  await show.shows(one, '1 of 3')
  await page.keyboard.press('End')
  await show.shows(last, '3 of 3')
  await page.getByRole('link', { name: 'Previous picture' }).click()
  await show.shows(two, '2 of 3')
  // At the end there is no next one, and the keyboard is on the arrow that is left.
  await page.getByRole('link', { name: 'Next picture' }).click()
  await show.shows(last, '3 of 3')
  await expect(page.getByRole('link', { name: 'Previous picture' })).toBeFocused()
  await page.keyboard.press('Enter')
  await show.shows(two, '2 of 3')
  await expect(page.locator('.slide-caption')).toContainText('CC0 1.0')
  await expect(page.locator('.slide-caption')).toContainText(keeper.name)
  await page.reload()
  await show.shows(two, '2 of 3')

  await page.getByRole('button', { name: 'Full screen' }).click()
  await expect.poll(() => page.evaluate(() => document.fullscreenElement?.className)).toMatch(/slideshow/)
  await page.getByRole('button', { name: 'Full screen' }).click()
  await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull()

  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map((violation) => violation.id)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(new RegExp(`/gallery/${id}$`))
})

test.describe('on a touch screen', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

  test('a slideshow goes by swiping', async ({ page, api }) => {
    const { id, titles } = await three(api)
    await open(page, `/gallery/${id}/slideshow`)
    const show = new Slideshow(page)
    await show.shows(titles[0] ?? '', '1 of 3')
    const swipe = async (from: number, to: number): Promise<void> => {
      const session = await page.context().newCDPSession(page)
      await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: from, y: 300 }] })
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: (from + to) / 2, y: 302 }] })
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: to, y: 303 }] })
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    }
    await swipe(300, 100)
    await show.shows(titles[1] ?? '', '2 of 3')
    await swipe(100, 300)
    await show.shows(titles[0] ?? '', '1 of 3')
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBeLessThanOrEqual(0)
  })
})

test('a gallery is shown in a frame of another page', async ({ page, api, context, baseURL, watch }) => {
  // A text file names no icon, and the browser looks for one.
  watch.allow(/favicon\.ico/)
  const { id, titles } = await three(api)
  const gallery = new GalleryPage(page)
  await gallery.open(id)
  await gallery.unfold('Embed')
  const snippet = await page.getByLabel(/Put this into a page/).inputValue()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy the snippet' }).click()
  await expect(page.getByText('The snippet is on the clipboard.')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(snippet)

  // The same server under another name is another site for the browser.
  await page.goto((baseURL ?? '').replace('127.0.0.1', 'localhost') + '/robots.txt')
  await page.evaluate((html) => (document.body.innerHTML = html), snippet)
  const frame = page.frameLocator('iframe')
  await expect(frame.locator('.slide-title')).toHaveText(titles[0] ?? '')
  await frame.locator('html[data-hydrated]').waitFor({ state: 'attached' })
  await frame.getByRole('link', { name: 'Next picture' }).click()
  await expect(frame.locator('.slide-title')).toHaveText(titles[1] ?? '')
  await page.keyboard.press('ArrowRight')
  await expect(frame.locator('.slide-title')).toHaveText(titles[2] ?? '')
  await expect(frame.getByRole('banner')).toHaveCount(0)
})
