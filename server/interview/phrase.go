package interview

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
)

// phraseWords is the number of words of a spoken code: 200⁴ codes, so that
// nobody can have recorded the right one before.
const phraseWords = 4

// Phrase draws a spoken code: plain words, none twice.
func Phrase() (string, error) {
	var words []string
	used := map[int64]bool{}
	for len(words) < phraseWords {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(plainWords))))
		if err != nil {
			return "", fmt.Errorf("drawing a spoken code: %w", err)
		}
		if !used[n.Int64()] {
			used[n.Int64()] = true
			words = append(words, plainWords[n.Int64()])
		}
	}
	return strings.Join(words, " "), nil
}

// plainWords are easy to read aloud in a second language: short, concrete,
// one sound pattern each, none a homophone of another.
var plainWords = strings.Fields(`
apple arrow autumn baker balcony bamboo banana barrel basket beacon bicycle blanket blossom bottle branch bread
bridge bronze brother brush bucket butter button cabin camera candle canvas carpet carrot castle cedar cellar
chalk cherry chimney circle clay cloud clover coffee collar copper corner cotton cousin cradle crane crystal
cupboard curtain daisy desert diamond dinner doctor dolphin donkey dragon drawer drum eagle early echo elbow
elephant engine evening falcon family farmer feather fence field finger flag flame flute forest fountain fox
garden garlic ginger glacier glove golden granite grape guitar hammer harbour harvest hazel helmet honey
horizon island ivory jacket jungle kettle kitchen ladder lagoon lantern lemon letter library lily lion magnet
mango maple marble market meadow melon mirror monkey morning mountain mustard needle nephew nutmeg oasis ocean
olive onion orange orchard oven owl paddle painter palace panda paper parrot pebble pencil pepper piano picnic
pilot pillow planet plum pocket pony potato pumpkin puzzle quiet rabbit radish rainbow raven ribbon river
rocket saddle salad sandal satin school shadow shelter silver sister spider spoon spring squirrel station
summer sunflower table tailor teacher temple thunder tiger timber tomato tower traffic tulip tunnel turtle
umbrella uncle valley velvet village violin walnut water whistle willow window winter yellow zebra
`)
