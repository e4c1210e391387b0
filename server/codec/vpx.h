// The few calls of libvpx that the package needs, so that its structures,
// macros and variadic functions stay on the C side.
#include <stddef.h>
#include <stdint.h>

typedef struct bf_decoder bf_decoder;
typedef struct bf_encoder bf_encoder;

// A decoded I420 picture. The planes belong to the decoder and live until the
// next call.
typedef struct {
	int present, corrupted, width, height;
	const uint8_t *plane[3];
	int stride[3];
} bf_picture;

bf_decoder *bf_decoder_new(void);
void bf_decoder_free(bf_decoder *d);
// Decodes one frame; data NULL tells that a frame is missing. Gives a static
// error text or NULL.
const char *bf_decoder_decode(bf_decoder *d, const uint8_t *data, unsigned int len, bf_picture *out);

bf_encoder *bf_encoder_new(int width, int height, int fps, int kbps);
void bf_encoder_free(bf_encoder *e);
void bf_encoder_plane(bf_encoder *e, int plane, const uint8_t *src, int src_stride, int width, int height);
// Encodes the picture in the planes; the data belongs to the encoder and lives
// until the next call.
const char *bf_encoder_encode(bf_encoder *e, int key, const void **data, size_t *len);

void bf_copy_plane(uint8_t *dst, int dst_stride, const uint8_t *src, int src_stride, int width, int height);
