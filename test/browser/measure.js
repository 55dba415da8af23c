// SPDX-License-Identifier: Apache-2.0
// Evaluated inside the page: measures the drawing with the browser's real fonts. JavaScript, because the types of a
// page would otherwise be there for all of rtctl. Its value is `Measured` of html.test.ts.
(() => {
  const faults = []
  const number = (element, name) => Number(element.getAttribute(name))
  const rectangles = [...document.querySelectorAll('rect[data-kind]')].map((element) => ({
    element, kind: element.getAttribute('data-kind'), id: element.getAttribute('data-id'),
    x: number(element, 'x'), y: number(element, 'y'), width: number(element, 'width'), height: number(element, 'height'),
  }))
  const solid = rectangles.filter(({kind}) => kind === 'box' || kind === 'label')
  for (const [index, a] of solid.entries()) {
    for (const b of solid.slice(index + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
      if (!apart) faults.push(`${a.kind} ${a.id} overlaps ${b.kind} ${b.id}`)
    }
  }
  const view = document.querySelector('svg.graph')?.viewBox.baseVal
  for (const each of rectangles) {
    if (!view || each.x < 0 || each.y < 0 || each.x + each.width > view.width || each.y + each.height > view.height) faults.push(`${each.kind} ${each.id} leaves the picture`)
    if (each.kind !== 'box' && each.kind !== 'label') continue
    for (const text of each.element.parentElement.querySelectorAll('text')) {
      const ink = text.getBBox()
      const inside = ink.x >= each.x && ink.x + ink.width <= each.x + each.width && ink.y >= each.y - 1 && ink.y + ink.height <= each.y + each.height + 1
      if (!inside) faults.push(`text "${text.textContent}" leaves ${each.kind} ${each.id}`)
    }
  }
  const arrows = [...document.querySelectorAll('path[data-kind="arrow"]')]
  for (const arrow of arrows) {
    const own = arrow.getAttribute('data-id')
    const length = arrow.getTotalLength()
    for (let at = 0; at <= length; at += 3) {
      const {x, y} = arrow.getPointAtLength(at)
      const hit = solid.find((each) => each.id !== own && x > each.x + 1 && x < each.x + each.width - 1 && y > each.y + 1 && y < each.y + each.height - 1)
      if (!hit) continue
      faults.push(`arrow ${own} crosses ${hit.kind} ${hit.id}`)
      break
    }
  }
  const links = [...document.querySelectorAll('[href],[src]')].map((element) => element.getAttribute('href') ?? element.getAttribute('src'))
  return {
    boxes: solid.filter(({kind}) => kind === 'box').length, labels: solid.filter(({kind}) => kind === 'label').length, arrows: arrows.length,
    faults, scripts: document.scripts.length, links,
    overflows: document.documentElement.scrollWidth > window.innerWidth,
    background: getComputedStyle(document.body).backgroundColor, text: document.body.innerText,
  }
})()
