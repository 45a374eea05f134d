//go:build pictures

package e2e

import (
	"cmp"
	"image"
	"image/color"
	"maps"
	"slices"
)

// paletted is a picture in 256 of its colours, which is a third of the size. A page has a few dozen; the rest are the edges of letters,
// where a neighbouring one looks the same. So the most common colours stay and of the rest neighbours share a place, which the most
// common of them takes: else the greys of black letters alone would fill the palette.
func paletted(picture image.Image) *image.Paletted {
	bounds := picture.Bounds()
	counts := map[color.RGBA]int{}
	each(bounds, func(x, y int) { counts[colourAt(picture, x, y)]++ })
	common := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := make(color.Palette, 0, 256)
	taken := map[[3]uint8]bool{}
	for _, c := range common {
		place := [3]uint8{c.R / neighbours, c.G / neighbours, c.B / neighbours}
		if len(palette) < exact || len(palette) < cap(palette) && !taken[place] {
			taken[place] = true
			palette = append(palette, c)
		}
	}
	nearest := map[color.RGBA]uint8{}
	out := image.NewPaletted(bounds, palette)
	each(bounds, func(x, y int) {
		c := colourAt(picture, x, y)
		index, known := nearest[c]
		if !known {
			index = uint8(palette.Index(c))
			nearest[c] = index
		}
		out.SetColorIndex(x, y, index)
	})
	return out
}

const (
	// exact is how many colours stay as they are: every tint of the style sheet is among them.
	exact = 48
	// neighbours is how far apart two values of red, green or blue look the same at the edge of a letter.
	neighbours = 12
)

func each(bounds image.Rectangle, at func(x, y int)) {
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			at(x, y)
		}
	}
}

func colourAt(picture image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA) //nolint:forcetypeassert // that is what the model makes
}
