// ctx.photos: the bytes are fetched when asked for.
(kit) => {
  "use strict";
  const { Uint8Array, apply, freeze, fromBase64 } = kit;
  const { call, promised } = kit.section("calls");
  return (photos) => {
    for (let index = 0; index < photos.length; index++) {
      const getBytes = () => promised(() => apply(fromBase64, Uint8Array, [call("photo", { __proto__: null, index }).base64]));
      photos[index] = freeze({ ...photos[index], index, getBytes });
    }
    return photos;
  };
};
