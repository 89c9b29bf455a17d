import { AddToGallery } from '../pages/grid'
import { UploadPage } from '../pages/upload'
import { type Picture, expect, keeper, newName, test } from '../support/fixtures'
import { bombPng } from '../support/png'
import { drawing } from '../support/pictures'

test.beforeEach(async ({ api }) => {
  await api.signIn(keeper)
})

test('every file has its own progress and its own error, and the good ones go on', async ({ page, watch }) => {
  watch.allow(/41[35]|400/)
  const upload = new UploadPage(page)
  await upload.open()
  await upload.choose([
    drawing('good.png'),
    { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('This is no picture at all.') },
    { name: 'bomb.png', mimeType: 'image/png', buffer: bombPng() },
    drawing('fine.png'),
  ])
  await upload.describe({ nature: 'photo', licence: /Commons Zero/ })
  const ids = await upload.send(2)
  expect(new Set(ids).size).toBe(2)
  await expect(upload.file('text.png').getByRole('alert')).toContainText(/\S/)
  await expect(upload.file('bomb.png').getByRole('alert')).toContainText(/megapixel|pixels|large/i)
  await expect(upload.file('good.png').getByRole('link', { name: 'Open' })).toBeVisible()
  await expect(upload.file('fine.png').getByRole('link', { name: 'Open' })).toBeVisible()
  await page.getByRole('button', { name: 'Add them to a gallery' }).click()
  const title = newName('Uploaded ')
  await new AddToGallery(page).toNew(title)
  await expect(page.getByText(`2 pictures are in “${title}” now.`)).toBeVisible()
  await page.getByRole('link', { name: 'Show my pictures' }).click()
  await expect(page).toHaveURL(new RegExp(`/user/${keeper.name}$`))
})

test('pictures get their own titles and share the rest', async ({ page, api }) => {
  const upload = new UploadPage(page)
  await upload.open()
  await upload.choose([drawing('first.png'), drawing('second.png')])
  const title = newName('A title of ')
  await upload.title('first.png').fill(title)
  await upload.describe({ nature: 'drawing', licence: /Commons Attribution 4\.0/, origin: 'https://example.org/where-it-is-from' })
  const ids = await upload.send(2)
  const pictures = await Promise.all(ids.map((id) => api.get<Picture & Record<string, unknown>>(`/picture/${id}/`)))
  expect(pictures.map((picture) => picture.title)).toContain(title)
  for (const picture of pictures) {
    expect(picture).toMatchObject({ nature: 'drawing', licences: ['CC-BY-4.0'], origin_url: 'https://example.org/where-it-is-from' })
  }
})

test('the file comes back byte for byte', async ({ api, page }) => {
  const file = drawing('same.png')
  const picture = await api.upload(file)
  const answer = await page.request.get(picture.download)
  expect(answer.headers()['content-type']).toBe('image/png')
  expect(Buffer.compare(await answer.body(), file.buffer)).toBe(0)
})
