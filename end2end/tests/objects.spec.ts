import { ImportObjectsPage, ObjectPage, ObjectsPage } from '../pages/objects'
import { expect, keeper, newName, open, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

test('objects are made, placed in the graph, found in spite of typing mistakes, and browsed', async ({ page, api }) => {
  await api.signIn(keeper)
  const [animal, cat] = [newName('animal'), newName('whiskered')]
  const list = new ObjectsPage(page)
  await list.open()
  await list.create(animal)
  await list.open()
  await list.create(cat, [animal])
  const object = new ObjectPage(page)
  await expect(object.crumbs).toHaveText(`Objects › ${animal}`)

  // Two letters in the wrong order.
  await list.open()
  await list.search(cat.replace('whisk', 'whiks'))
  await list.table.getByRole('link', { name: cat }).click()
  await expect(object.heading).toHaveText(cat)
  await object.crumbs.getByRole('link', { name: animal }).click()
  await expect(object.heading).toHaveText(animal)
  await expect(page.getByRole('link', { name: cat })).toBeVisible()
})

test('a parent that would close a cycle is refused beside its field', async ({ page, api, watch }) => {
  watch.allow(/400/)
  await api.signIn(keeper)
  const [top, bottom] = [newName('Top '), newName('Bottom ')]
  await api.newObject(top)
  await api.post('/new-object', { id: bottom, description: '', parents: [top] })
  const object = new ObjectPage(page)
  await object.open(top)
  await object.change({ description: 'Better.', parents: [bottom] })
  await expect(page.locator('#parents-error')).toContainText(`cycle: ${top} → ${bottom} → ${top}`)
  // What was typed is still there, and without the wrong parent it is saved.
  await expect(page.getByLabel('Description')).toHaveValue('Better.')
  await page.getByLabel('More general objects').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.description')).toHaveText('Better.')

  // A refusal after a change that worked loses nothing either.
  await object.change({ description: 'Best.', parents: [bottom] })
  await expect(page.locator('#parents-error')).toContainText('cycle')
  await expect(page.getByLabel('Description')).toHaveValue('Best.')
  await expect(page.getByLabel('More general objects')).toHaveValue(bottom)
})

test('an object gets another name and is merged, and its regions go with it', async ({ page, api }) => {
  await api.signIn(keeper)
  const [cat, kitty, better] = [newName('Cat '), newName('Kitty '), newName('House cat ')]
  await api.newObject(cat)
  await api.newObject(kitty)
  const region = (object: string) => ({ type: 'bbox', shape: { x: 0.2, y: 0.2, w: 0.4, h: 0.4 }, object })
  const picture = await api.upload(drawing('cats.png'), { annotations: [region(cat), region(kitty)] })

  const object = new ObjectPage(page)
  await object.open(kitty)
  await expect(object.samples).toHaveCount(1)
  await expect.poll(() => object.samples.first().evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(50)
  await object.change({ name: better })
  await expect(object.heading).toHaveText(better)
  expect((await api.annotations(picture.id)).map((region) => region.object)).toEqual([cat, better])

  await open(page, `/object/${encodeURIComponent(kitty)}`)
  await expect(object.heading).toHaveText(better)
  await object.mergeInto(cat)
  await expect(object.heading).toHaveText(cat)
  await expect(page.getByText(`Also found as: ${better}, ${kitty}.`)).toBeVisible()
  expect((await api.annotations(picture.id)).map((region) => region.object)).toEqual([cat, cat])
})

test('a taxonomy is tried, corrected and imported', async ({ page, api, watch }) => {
  watch.allow(/400/)
  await api.signIn(keeper)
  const [animal, cat] = [newName('Animal '), newName('Cat ')]
  const taxonomy = new ImportObjectsPage(page)
  await taxonomy.open()
  await taxonomy.write(`name,parent\n${animal},\n${cat},Nothing at all\n`)
  await taxonomy.try()
  await expect(page.getByText('Line 3: the parent')).toBeVisible()
  await taxonomy.import()
  await expect(page.getByText('Nothing was imported')).toBeVisible()
  await expect(page.getByText('Line 3: the parent')).toBeVisible()

  await taxonomy.choose('taxonomy.csv', `name,description,parent\n${animal},,\n${cat},Purrs,${animal}\n`)
  await taxonomy.try()
  await expect(page.getByText('2 objects would be made.')).toBeVisible()
  await taxonomy.import()
  await expect(page.getByText('2 objects made.')).toBeVisible()
  await page.getByRole('link', { name: 'See the first' }).click()
  const object = new ObjectPage(page)
  await expect(object.heading).toHaveText(animal)
  await object.open(cat)
  await expect(object.crumbs).toHaveText(`Objects › ${animal}`)
})
