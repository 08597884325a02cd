// skip, retry and fail: the first counts, and nothing after it runs.
(kit) => {
  "use strict";
  const { cut, show } = kit.section("text");
  return (ending, reason, afterSeconds) => {
    const retryAfter = kit.isFinite(afterSeconds) && afterSeconds >= 0 ? afterSeconds : null;
    const signal = new kit.Error("The run has ended.");
    kit.ended ??= { __proto__: null, ending, note: cut(show(reason), 2000), retryAfter, signal };
    throw kit.ended.signal;
  };
};
