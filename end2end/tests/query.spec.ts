import { QueryPage } from '../pages/query'
import { expect, keeper, newName, test } from '../support/fixtures'
import { drawing } from '../support/pictures'

test.describe('the query page', () => {
  let cat = ''
  let dog = ''
  let plain = ''
  let object = ''

  test.beforeEach(async ({ api }) => {
    await api.signIn(keeper)
    object = newName('Beast ')
    await api.newObject(object)
    const shape = { x: 0.25, y: 0.25, w: 0.5, h: 0.5 }
    const title = newName('query-')
    cat = `${title} first`
    dog = `${title} second`
    plain = `${title} third`
    await api.upload(drawing('a.png'), { title: cat, annotations: [{ type: 'bbox', shape, object }] })
    await api.upload(drawing('b.png', 300, 200), { title: dog, annotations: [{ type: 'bbox', shape, object }] })
    await api.upload(drawing('c.png'), { title: plain })
  })

  test('shows at once what the text finds', async ({ page }) => {
    const query = new QueryPage(page)
    await query.open()
    await query.write(`want:\n  - has_object: ["${object}"]\n`)
    await query.finds([cat, dog])
    await query.write(`want:\n  - has_object: ["${object}"]\n  - above_width: 400\n`)
    await query.finds([cat])
    await query.write(`want:\n  - title: "${plain}"\n`)
    await query.finds([plain])
  })

  test('says where the text is wrong and what was meant', async ({ page, watch }) => {
    watch.allow(/400/)
    const query = new QueryPage(page)
    await query.open()
    await query.write(`want:\n  - has_objct: ["${object}"]\n`)
    await expect(query.errors).toContainText('has_object')
    await expect(query.errors).toContainText(/line 2/i)
    await expect(query.errors).toContainText(/column 5/i)
    await query.write(`want:\n  - has_object: ["${object}"]\n`)
    await query.finds([cat, dog])
  })

  test('keeps the query in the address, so that it can be shared and the back button works', async ({ page }) => {
    const query = new QueryPage(page)
    await query.open(`want:\n  - has_object: ["${object}"]\n`)
    await query.finds([cat, dog])
    await query.write(`want:\n  - title: "${plain}"\n`)
    await query.finds([plain])
    await expect(page).toHaveURL(new RegExp(encodeURIComponent(plain).replaceAll('%20', '(%20|\\+)')))
    await page.reload()
    await query.finds([plain])
    await query.results.getByRole('link', { name: plain }).first().click()
    await expect(page).toHaveURL(/\/picture\/\d+/)
    await page.goBack()
    await query.finds([plain])
    await expect(query.text).toHaveValue(new RegExp(plain))
  })

  test('goes back step by step, and not letter by letter', async ({ page }) => {
    const query = new QueryPage(page)
    const first = `want:\n  - has_object: ["${object}"]\n`
    await page.goto('/')
    await query.open(first)
    await query.finds([cat, dog])
    // What cannot be read is no step of its own.
    await query.write(`want:\n  - title: "${plain}"\n`)
    await query.finds([plain])
    await page.getByRole('combobox', { name: 'Order' }).selectOption('title-asc')
    await expect(page).toHaveURL(/title-asc/)
    await page.goBack()
    await expect(query.text).toHaveValue(first)
    await query.finds([cat, dog])
    await page.goBack()
    await expect(page).toHaveURL(/\/$/)
  })

  test('finds the same as the API', async ({ page, api }) => {
    const yaml = `want:\n  - has_object: ["${object}"]\nexclude:\n  - below_width: 320\n`
    const query = new QueryPage(page)
    await query.open(yaml)
    await query.finds([cat])
    expect((await api.query(yaml)).map((picture) => picture.title)).toEqual([cat])
  })
})
