#include "vpx.h"

#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

struct bf_decoder {
	vpx_codec_ctx_t ctx;
};

bf_decoder *bf_decoder_new(void) {
	bf_decoder *d = calloc(1, sizeof(*d));
	if (d == NULL) {
		return NULL;
	}
	vpx_codec_dec_cfg_t cfg = {.threads = 1};
	if (vpx_codec_dec_init(&d->ctx, vpx_codec_vp8_dx(), &cfg, 0) != VPX_CODEC_OK) {
		free(d);
		return NULL;
	}
	return d;
}

void bf_decoder_free(bf_decoder *d) {
	vpx_codec_destroy(&d->ctx);
	free(d);
}

const char *bf_decoder_decode(bf_decoder *d, const uint8_t *data, unsigned int len, bf_picture *out) {
	memset(out, 0, sizeof(*out));
	if (vpx_codec_decode(&d->ctx, data, len, NULL, 0) != VPX_CODEC_OK) {
		const char *detail = vpx_codec_error_detail(&d->ctx);
		return detail != NULL ? detail : vpx_codec_error(&d->ctx);
	}
	vpx_codec_iter_t iter = NULL;
	vpx_image_t *img = vpx_codec_get_frame(&d->ctx, &iter);
	if (img == NULL) {
		return NULL;
	}
	if (img->fmt != VPX_IMG_FMT_I420) {
		return "picture is not I420";
	}
	int corrupted = 0;
	vpx_codec_control(&d->ctx, VP8D_GET_FRAME_CORRUPTED, &corrupted);
	out->present = 1;
	out->corrupted = corrupted;
	out->width = img->d_w;
	out->height = img->d_h;
	for (int i = 0; i < 3; i++) {
		out->plane[i] = img->planes[i];
		out->stride[i] = img->stride[i];
	}
	return NULL;
}

void bf_copy_plane(uint8_t *dst, int dst_stride, const uint8_t *src, int src_stride, int width, int height) {
	for (int y = 0; y < height; y++) {
		memcpy(dst + (size_t)y * dst_stride, src + (size_t)y * src_stride, width);
	}
}

struct bf_encoder {
	vpx_codec_ctx_t ctx;
	vpx_image_t *img;
	int64_t pts;
};

bf_encoder *bf_encoder_new(int width, int height, int fps, int kbps) {
	bf_encoder *e = calloc(1, sizeof(*e));
	if (e == NULL) {
		return NULL;
	}
	vpx_codec_enc_cfg_t cfg;
	if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &cfg, 0) != VPX_CODEC_OK) {
		free(e);
		return NULL;
	}
	cfg.g_w = width;
	cfg.g_h = height;
	cfg.g_threads = 1;
	cfg.g_timebase.num = 1;
	cfg.g_timebase.den = fps;
	cfg.g_lag_in_frames = 0;
	cfg.g_pass = VPX_RC_ONE_PASS;
	cfg.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
	cfg.rc_end_usage = VPX_CBR;
	cfg.rc_target_bitrate = kbps;
	cfg.rc_min_quantizer = 4;
	cfg.rc_max_quantizer = 56;
	cfg.rc_dropframe_thresh = 0;
	cfg.kf_mode = VPX_KF_DISABLED;
	if (vpx_codec_enc_init(&e->ctx, vpx_codec_vp8_cx(), &cfg, 0) != VPX_CODEC_OK) {
		free(e);
		return NULL;
	}
	vpx_codec_control(&e->ctx, VP8E_SET_CPUUSED, 8);
	e->img = vpx_img_alloc(NULL, VPX_IMG_FMT_I420, width, height, 1);
	if (e->img == NULL) {
		vpx_codec_destroy(&e->ctx);
		free(e);
		return NULL;
	}
	return e;
}

void bf_encoder_free(bf_encoder *e) {
	vpx_img_free(e->img);
	vpx_codec_destroy(&e->ctx);
	free(e);
}

void bf_encoder_plane(bf_encoder *e, int plane, const uint8_t *src, int src_stride, int width, int height) {
	bf_copy_plane(e->img->planes[plane], e->img->stride[plane], src, src_stride, width, height);
}

const char *bf_encoder_encode(bf_encoder *e, int key, const void **data, size_t *len) {
	*data = NULL;
	*len = 0;
	vpx_enc_frame_flags_t flags = key ? VPX_EFLAG_FORCE_KF : 0;
	if (vpx_codec_encode(&e->ctx, e->img, e->pts++, 1, flags, VPX_DL_REALTIME) != VPX_CODEC_OK) {
		return vpx_codec_error(&e->ctx);
	}
	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *pkt;
	while ((pkt = vpx_codec_get_cx_data(&e->ctx, &iter)) != NULL) {
		if (pkt->kind == VPX_CODEC_CX_FRAME_PKT) {
			*data = pkt->data.frame.buf;
			*len = pkt->data.frame.sz;
			return NULL;
		}
	}
	return NULL;
}
