// SPDX-License-Identifier: Apache-2.0
// A weight-stationary systolic array. Every cell keeps one weight, operands travel east, sums travel south.
//
// A fold first takes `rows` rows of weights, the last row first, one a cycle (load, load_row), which sink to their places.
// Then it streams `depth` operands for each of its rows, one a cycle (feed, feed_index), delaying row i by i cycles. Column j
// takes what each sum begins with j cycles later than column 0 (sum_feed, sum_index) and gives the sum back at the bottom
// `rows` cycles after that. The next fold's weights follow when this fold's last sum is out or, with `overlapped`, sink into
// second registers behind the first operands; its operands then follow the last ones of this fold as soon as those weights
// are in place and the sums of this fold have begun to come back.
//
// An input-stationary array is the same with A and B in each other's place. The size is set at run time, up to MAX_ROWS x
// MAX_COLS; cells beyond it stand still. Rows whose weights are not used (load_used) let sums pass.
module weight_stationary
    import array_types::*;
#(
    parameter int MAX_ROWS = 16,
    parameter int MAX_COLS = 16
) (
    input  logic clk,
    input  logic reset,
    input  logic overlapped,
    input  logic [7:0] rows,
    input  logic [7:0] cols,
    // The next fold.
    input  logic fold_ready,
    input  word depth,
    output logic launch, // its first weights are taken in this cycle
    // Weights of this cycle.
    output logic load,
    output logic [7:0] load_row,
    input  word weight_in[MAX_COLS],
    input  logic load_used,
    // Operands and sums of this cycle.
    output logic begins, // a fold's first operand is taken in this cycle
    output logic feed,
    output word feed_index,
    input  word a_in[MAX_ROWS],
    output logic sum_feed[MAX_COLS],
    output word sum_index[MAX_COLS],
    input  word sum_in[MAX_COLS],
    // Results.
    output logic through, // a fold's last sum enters the last cell in this cycle
    output logic result_valid[MAX_COLS],
    output word result_index[MAX_COLS],
    output word result[MAX_COLS]
);
    // Weights: `waiting` from the launch until the fold's operands begin.
    logic loading, waiting;
    logic [7:0] left; // rows still to be taken
    word next_depth;
    // Operands: `working` until the last sum is out.
    logic streaming, working;
    word index, depth_now, age; // age: cycles since the stream began
    logic feed_first, feed_last;

    assign begins = waiting && !loading && !streaming && age >= word'(rows);
    assign feed = begins || streaming;
    assign feed_index = begins ? 0 : index;
    assign feed_first = feed_index == 0;
    assign feed_last = feed_index + 1 == (begins ? next_depth : depth_now);
    assign launch = fold_ready && !reset && (overlapped ? !waiting || begins : !waiting && !working);
    assign load = launch || loading;
    assign load_row = (launch ? rows : left) - 1;

    always_ff @(posedge clk) begin
        if (reset) begin
            loading <= 0;
            waiting <= 0;
            streaming <= 0;
            working <= 0;
            age <= word'(MAX_ROWS);
        end else begin
            if (launch) next_depth <= depth;
            if (load) left <= load_row;
            loading <= load && load_row != 0;
            waiting <= launch || (waiting && !begins);
            if (begins) depth_now <= next_depth;
            if (feed) index <= feed_index + 1;
            streaming <= feed && !feed_last;
            working <= (begins || working) && !through;
            age <= begins ? 1 : age + 1;
        end
    end

    // Registers on the way in, which delay row i and column j by i and j cycles: the last of row i is number i.
    operand west[MAX_ROWS][MAX_ROWS];
    weight north[MAX_COLS][MAX_COLS];
    // Where in the stream a column is, moving east with it.
    typedef struct packed {
        logic valid, last;
        word index;
    } position;
    position at[MAX_COLS], at_now[MAX_COLS];
    // Registers of the cells.
    operand east[MAX_ROWS][MAX_COLS];
    partial_sum south[MAX_ROWS][MAX_COLS];
    weight next[MAX_ROWS][MAX_COLS], present[MAX_ROWS][MAX_COLS];

    logic [$clog2(MAX_ROWS)-1:0] last_row;
    logic [$clog2(MAX_COLS)-1:0] last_col;
    assign last_row = $bits(last_row)'(rows - 8'd1);
    assign last_col = $bits(last_col)'(cols - 8'd1);

    always_comb
        for (int j = 0; j < MAX_COLS; ++j) begin
            at_now[j] = j > 0 ? at[j] : '{feed, feed_last, feed_index};
            sum_feed[j] = at_now[j].valid;
            sum_index[j] = at_now[j].index;
            result_valid[j] = south[last_row][j].valid;
            result_index[j] = south[last_row][j].index;
            result[j] = south[last_row][j].value;
        end
    assign through = last_row == 0 ? at_now[last_col].valid && at_now[last_col].last
                                   : south[last_row-1][last_col].valid && south[last_row-1][last_col].last;

    // All cells in one process, from the far corner back: each sees its neighbours as the clock edge found them.
    // verilator lint_off BLKSEQ
    always_ff @(posedge clk) begin : cells
        for (int i = MAX_ROWS - 1; i >= 0; --i)
            for (int j = MAX_COLS - 1; j >= 0; --j)
                if (8'(i) < rows && 8'(j) < cols) begin
                    operand a;
                    partial_sum above;
                    weight sinking;
                    a = j > 0 ? east[i][j-1] : i > 0 ? west[i][i] : '{feed, feed_first, feed_last, a_in[0]};
                    above = i > 0 ? south[i-1][j] : '{at_now[j].valid, at_now[j].last, at_now[j].index, sum_in[j]};
                    sinking = i > 0 ? next[i-1][j] : j > 0 ? north[j][j] : '{load, load_used, load_row, weight_in[0]};
                    if (i > 0) begin
                        sinking.valid = sinking.valid && sinking.hops != 0;
                        sinking.hops = sinking.hops - 1;
                    end
                    if (a.valid && a.first) present[i][j] = next[i][j];
                    if (above.valid && present[i][j].used)
                        above.value = gradus_multiply_add(above.value, a.value, present[i][j].value);
                    if (sinking.valid) next[i][j] = sinking;
                    else if (next[i][j].hops != 0) next[i][j].valid = 0;
                    south[i][j] = above;
                    east[i][j] = a;
                end
        for (int i = 1; i < MAX_ROWS; ++i) begin
            for (int d = i; d > 1; --d) west[i][d] = west[i][d-1];
            west[i][1] = '{feed, feed_first, feed_last, a_in[i]};
        end
        for (int j = MAX_COLS - 1; j > 0; --j) begin
            at[j] = at_now[j-1];
            for (int d = j; d > 1; --d) north[j][d] = north[j][d-1];
            north[j][1] = '{load, load_used, load_row, weight_in[j]};
        end
        if (reset)
            for (int i = 0; i < MAX_ROWS; ++i) begin
                for (int d = 0; d < MAX_ROWS; ++d) west[i][d].valid = 0;
                for (int j = 0; j < MAX_COLS; ++j) begin
                    east[i][j].valid = 0;
                    south[i][j].valid = 0;
                    next[i][j].valid = 0;
                    at[j].valid = 0;
                    for (int d = 0; d < MAX_COLS; ++d) north[j][d].valid = 0;
                end
            end
    end
    // verilator lint_on BLKSEQ
endmodule
