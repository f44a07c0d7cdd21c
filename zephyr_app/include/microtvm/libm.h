/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * C11's functions on float that generated code may call, for C libraries
 * whose math.h leaves them out.
 */
#ifndef MICROTVM_LIBM_H_
#define MICROTVM_LIBM_H_

#ifndef _ASMLANGUAGE

float acosf(float x);
float acoshf(float x);
float asinf(float x);
float asinhf(float x);
float atan2f(float y, float x);
float atanf(float x);
float atanhf(float x);
float ceilf(float x);
float copysignf(float x, float y);
float cosf(float x);
float coshf(float x);
float erff(float x);
float exp2f(float x);
float expf(float x);
float expm1f(float x);
float fabsf(float x);
float floorf(float x);
float fmaxf(float x, float y);
float fminf(float x, float y);
float fmodf(float x, float y);
float hypotf(float x, float y);
float ldexpf(float x, int exponent);
float log10f(float x);
float log1pf(float x);
float log2f(float x);
float logf(float x);
float nearbyintf(float x);
float powf(float x, float y);
float rintf(float x);
float roundf(float x);
float sinf(float x);
float sinhf(float x);
float sqrtf(float x);
float tanf(float x);
float tanhf(float x);
float truncf(float x);

#endif /* _ASMLANGUAGE */

#endif /* MICROTVM_LIBM_H_ */
