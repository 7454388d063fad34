// SPDX-License-Identifier: Apache-2.0
// An output-stationary systolic array. A travels east, B travels south, every cell keeps one result.
//
// A fold of `depth` terms begins in the cycle of `launch`. In its cycle p the array takes column p of its rows of A and row p
// of its columns of B (feed, feed_index), delays row i and column j by i and j cycles, and cell (i, j) adds their product in
// cycle p + i + j. What row i's sums begin with is taken in cycle i (seed_feed, seed_index) and comes down a line of each
// column just as the row's first products do. A finished sum moves to a second register, waits there until its column is
// complete, and leaves through the bottom, last row first, one a cycle. The next fold is launched when this one's last cell
// is through or, with `overlapped`, as soon as its first cell is and the columns can take `rows` more results.
//
// The size is set at run time, up to MAX_ROWS x MAX_COLS; cells beyond it stand still.
module output_stationary
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
    output logic launch, // it begins in this cycle
    // Operands of this cycle.
    output logic feed,
    output word feed_index,
    input  word a_in[MAX_ROWS],
    input  word b_in[MAX_COLS],
    output logic seed_feed,
    output logic [7:0] seed_index,
    input  word seed_in[MAX_COLS],
    // Results.
    output logic through, // a fold's last cell adds its last product in this cycle
    output logic result_valid[MAX_COLS],
    output word result[MAX_COLS]
);
    // Which term enters, and when the next fold may.
    logic streaming, seeding, working;
    word index, depth_now, age; // age: cycles since the launch
    logic [7:0] seed_row;
    logic feed_first, feed_last;

    assign launch = fold_ready && !reset && (overlapped ? !streaming && age >= word'(rows) : !working);
    assign feed = launch || streaming;
    assign feed_index = launch ? 0 : index;
    assign feed_first = feed_index == 0;
    assign feed_last = feed_index + 1 == (launch ? depth : depth_now);
    assign seed_feed = launch || seeding;
    assign seed_index = launch ? 0 : seed_row;

    always_ff @(posedge clk) begin
        if (reset) begin
            streaming <= 0;
            seeding <= 0;
            working <= 0;
            age <= word'(MAX_ROWS);
        end else begin
            if (launch) depth_now <= depth;
            if (feed) index <= feed_index + 1;
            streaming <= feed && !feed_last;
            if (seed_feed) seed_row <= seed_index + 1;
            seeding <= seed_feed && seed_index + 1 != rows;
            working <= (launch || working) && !through;
            age <= launch ? 1 : age + 1;
        end
    end

    // Registers on the way in, which delay row i and column j by i and j cycles: the last of row i is number i.
    operand west[MAX_ROWS][MAX_ROWS];
    word north[MAX_COLS][MAX_COLS], seed[MAX_COLS][MAX_COLS];
    // Registers of the cells.
    operand east[MAX_ROWS][MAX_COLS];
    word south[MAX_ROWS][MAX_COLS], sum[MAX_ROWS][MAX_COLS];
    held_result held[MAX_ROWS][MAX_COLS];
    logic drain[MAX_COLS]; // the column is complete

    logic [$clog2(MAX_ROWS)-1:0] last_row;
    logic [$clog2(MAX_COLS)-1:0] last_col;
    assign last_row = $bits(last_row)'(rows - 8'd1);
    assign last_col = $bits(last_col)'(cols - 8'd1);

    // What the last cell works on.
    assign through = last_col != 0   ? east[last_row][last_col-1].valid && east[last_row][last_col-1].last
                     : last_row != 0 ? west[last_row][last_row].valid && west[last_row][last_row].last
                                     : feed && feed_last;
    always_comb
        for (int j = 0; j < MAX_COLS; ++j) begin
            result_valid[j] = held[last_row][j].moving || drain[j];
            result[j] = held[last_row][j].value;
        end

    // All cells in one process, from the far corner back: each sees its neighbours as the clock edge found them.
    // verilator lint_off BLKSEQ
    always_ff @(posedge clk) begin : cells
        logic finished[MAX_COLS];
        for (int j = 0; j < MAX_COLS; ++j) finished[j] = 0;
        for (int i = MAX_ROWS - 1; i >= 0; --i)
            for (int j = MAX_COLS - 1; j >= 0; --j)
                if (8'(i) < rows && 8'(j) < cols) begin
                    operand a;
                    word b, added;
                    a = j > 0 ? east[i][j-1] : i > 0 ? west[i][i] : '{feed, feed_first, feed_last, a_in[0]};
                    b = i > 0 ? south[i-1][j] : j > 0 ? north[j][j] : b_in[0];
                    if (i > 0 && (held[i-1][j].moving || drain[j])) held[i][j] = '{1, held[i-1][j].value};
                    else held[i][j].moving = 0;
                    if (a.valid) begin
                        added = gradus_multiply_add(!a.first ? sum[i][j] : j > 0 ? seed[j][j] : seed_in[0], a.value, b);
                        sum[i][j] = added;
                        if (a.last) held[i][j] = '{0, added};
                    end
                    if (8'(i) == 8'(last_row)) finished[j] = a.valid && a.last;
                    east[i][j] = a;
                    south[i][j] = b;
                end
        drain = finished;
        for (int i = 1; i < MAX_ROWS; ++i) begin
            for (int d = i; d > 1; --d) west[i][d] = west[i][d-1];
            west[i][1] = '{feed, feed_first, feed_last, a_in[i]};
        end
        for (int j = 1; j < MAX_COLS; ++j) begin
            for (int d = j; d > 1; --d) begin
                north[j][d] = north[j][d-1];
                seed[j][d] = seed[j][d-1];
            end
            north[j][1] = b_in[j];
            seed[j][1] = seed_in[j];
        end
        if (reset)
            for (int i = 0; i < MAX_ROWS; ++i) begin
                for (int d = 0; d < MAX_ROWS; ++d) west[i][d].valid = 0;
                for (int j = 0; j < MAX_COLS; ++j) begin
                    east[i][j].valid = 0;
                    held[i][j].moving = 0;
                    drain[j] = 0;
                end
            end
    end
    // verilator lint_on BLKSEQ
endmodule
