import { type Page, expect } from '@playwright/test'
import { open } from '../support/fixtures'

/** A list of licences or natures with the form for a new one, and the page of one of them. */
export class ReferencePage {
  constructor(
    readonly page: Page,
    private readonly kind: 'licence' | 'nature',
  ) {}

  async openList(): Promise<void> {
    await open(this.page, `/${this.kind}s`)
  }

  async open(id: string): Promise<void> {
    await open(this.page, `/${this.kind}/${id}`)
  }

  /** Fills in the form for a new one and sends it. */
  async add(fields: Record<string, string>, ticked: string[] = []): Promise<void> {
    await this.page.getByText(`Add a ${this.kind}`).click()
    await this.send(fields, ticked, `Add ${this.kind}`)
  }

  /** Corrects a form that was refused, and sends it again. */
  async correct(fields: Record<string, string>): Promise<void> {
    await this.send(fields, [], `Add ${this.kind}`)
  }

  async change(fields: Record<string, string>, ticked: string[] = []): Promise<void> {
    await this.page.getByText(`Change this ${this.kind}`).click()
    await this.send(fields, ticked, 'Save')
  }

  /** Corrects a change that was refused, and sends it again. */
  async save(fields: Record<string, string>): Promise<void> {
    await this.send(fields, [], 'Save')
  }

  async isOf(title: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(title)
  }

  private async send(fields: Record<string, string>, ticked: string[], button: string): Promise<void> {
    // Labels of fields that may stay empty go on after their names.
    for (const [label, text] of Object.entries(fields)) await this.page.getByLabel(new RegExp(`^${label}`)).fill(text)
    for (const label of ticked) await this.page.getByLabel(label).check()
    await this.page.getByRole('button', { name: button }).click()
  }
}
