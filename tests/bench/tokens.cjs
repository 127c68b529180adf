// o200k tokens of a text on standard input. Needs `npm install gpt-tokenizer` beside it or in NODE_PATH.
const { encode } = require("gpt-tokenizer/encoding/o200k_base");
console.log(encode(require("fs").readFileSync(0, "utf8")).length);
