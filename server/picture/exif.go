package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation reads from a JPEG how it is to be turned to be upright, 1 to 8
// (tag 0x0112 of CIPA DC-008, "Exif"); 1 where it does not say, or says it in a
// way that cannot be read. Phones keep pictures as their sensor lies.
func orientation(file []byte) int {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, n := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		end := at + 2 + n
		if marker == 0xda || n < 2 || end > len(file) {
			return 1 // the picture itself begins, or the file is cut off
		}
		if body, ok := bytes.CutPrefix(file[at+4:end], []byte("Exif\x00\x00")); marker == 0xe1 && ok {
			return orientationOf(body)
		}
		at = end
	}
	return 1
}

// maxTags bounds the entries of the first directory that are looked at.
const maxTags = 512

// orientationOf reads the tag from a TIFF structure.
func orientationOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	n := min(uint64(order.Uint16(tiff[at:])), maxTags)
	for i := range n {
		tag := at + 2 + 12*i
		if tag+12 > uint64(len(tiff)) {
			return 1
		}
		const orientationTag, short = 0x0112, 3
		if order.Uint16(tiff[tag:]) == orientationTag && order.Uint16(tiff[tag+2:]) == short {
			if v := int(order.Uint16(tiff[tag+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
