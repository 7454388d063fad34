/* SPDX-License-Identifier: Apache-2.0 */
/* The console. printf and puts end here too. */
#ifndef GRADUS_FIRMWARE_HAL_UART_H
#define GRADUS_FIRMWARE_HAL_UART_H

void uart_put(char character);

#endif
