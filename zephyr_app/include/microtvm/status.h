/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the device answers to a request, besides the answer itself. */
#ifndef MICROTVM_STATUS_H_
#define MICROTVM_STATUS_H_

enum microtvm_status {
	MICROTVM_STATUS_OK = 0,
	MICROTVM_STATUS_BAD_REQUEST = 1,  /* a payload of the wrong size for its kind */
	MICROTVM_STATUS_UNKNOWN_KIND = 2, /* a request that this firmware does not know */
	MICROTVM_STATUS_NO_SUCH_MODEL = 3,
	MICROTVM_STATUS_NO_SUCH_TENSOR = 4,
	MICROTVM_STATUS_NO_SUCH_LAYER = 5,
	MICROTVM_STATUS_OUT_OF_RANGE = 6,   /* bytes outside the tensor */
	MICROTVM_STATUS_NOT_ALIVE = 7,	    /* the tensor's memory holds something else now */
	MICROTVM_STATUS_NOT_AN_INPUT = 8,   /* only model inputs can be written */
	MICROTVM_STATUS_INPUTS_MISSING = 9, /* an input was not written, or was overwritten */
	MICROTVM_STATUS_OUT_OF_ORDER = 10,  /* a layer before the one that must run next */
	MICROTVM_STATUS_LAYER_FAILED = 11,  /* the generated code returned an error */
	MICROTVM_STATUS_NOT_RUN = 12,	    /* no ticks: this model was not the last to run */
	MICROTVM_STATUS_BAD_MODEL = 13,	    /* a descriptor that does not fit this firmware */
	MICROTVM_STATUS_CORRUPT_FRAME = 14, /* a frame arrived damaged: send it again */
	MICROTVM_STATUS_NO_SUCH_POOL = 15,
	MICROTVM_STATUS_PENDING = 255, /* still at work: the reply follows */
};

#endif /* MICROTVM_STATUS_H_ */
