package connectwise

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"
)

// maxNumber bounds the text of a number: a few bytes such as 1e999999999 would otherwise grow to gigabytes when the
// decimal is written out.
const maxNumber = 40

// reading is how every answer is decoded. The functions widen what plain Go types accept, so that the structs can have
// plain fields: releases differ in whether an unset value is absent, null or "", and some servers and clients put
// numbers and booleans into quotes.
var reading = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true),
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(readText),
		json.UnmarshalFromFunc(readInt),
		json.UnmarshalFromFunc(readBool),
		json.UnmarshalFromFunc(readDecimal),
		json.UnmarshalFromFunc(readOptionalDecimal),
		json.UnmarshalFromFunc(readInstant),
		json.UnmarshalFromFunc(skipEmptyText[Ref]),
		json.UnmarshalFromFunc(skipEmptyText[RecordInfo]),
	)),
)

// writing is how every body is encoded. Decimals are written as plain numbers: their own encoding puts them in quotes.
var writing = json.JoinOptions(
	json.Deterministic(true),
	json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, d decimal.Decimal) error {
		return enc.WriteValue(jsontext.Value(d.String()))
	})),
)

func decode(body []byte, into any) error {
	return json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), into, reading)
}

func encode(value any) ([]byte, error) { return json.Marshal(value, writing) }

// scalar reads a value that is meant to be a single one and returns its text, "" for null.
func scalar(dec *jsontext.Decoder, want string) (string, error) {
	value, err := dec.ReadValue()
	if err != nil {
		return "", err
	}
	switch value.Kind() {
	case 'n':
		return "", nil
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		return string(text), err
	case '0', 't', 'f':
		return string(value), nil
	}
	return "", fmt.Errorf("want %s, got an object or a list", want)
}

func readText(dec *jsontext.Decoder, to *string) error {
	if dec.PeekKind() == '"' {
		return json.SkipFunc
	}
	text, err := scalar(dec, "text")
	*to = text
	return err
}

func readInt(dec *jsontext.Decoder, to *int) error {
	text, err := scalar(dec, "a whole number")
	if err != nil {
		return err
	}
	number, err := parseDecimal(text)
	if err != nil {
		return err
	}
	if !number.IsInteger() || !number.BigInt().IsInt64() {
		return fmt.Errorf("%q is not a whole number", cleanText(text, maxNumber))
	}
	*to = int(number.IntPart())
	return nil
}

func readBool(dec *jsontext.Decoder, to *bool) error {
	text, err := scalar(dec, "true or false")
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1":
		*to = true
	case "false", "0", "":
		*to = false
	default:
		return fmt.Errorf("%q is neither true nor false", cleanText(text, maxNumber))
	}
	return nil
}

func readDecimal(dec *jsontext.Decoder, to *decimal.Decimal) error {
	text, err := scalar(dec, "a number")
	if err != nil {
		return err
	}
	*to, err = parseDecimal(text)
	return err
}

func readOptionalDecimal(dec *jsontext.Decoder, to **decimal.Decimal) error {
	text, err := scalar(dec, "a number")
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		*to = nil
		return nil
	}
	number, err := parseDecimal(text)
	*to = &number
	return err
}

func parseDecimal(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return decimal.Zero, nil
	}
	number, err := decimal.NewFromString(text)
	if err != nil || len(text) > maxNumber || number.Exponent() > maxNumber || number.Exponent() < -maxNumber {
		return decimal.Zero, fmt.Errorf("%q is not a number", cleanText(text, maxNumber))
	}
	return number, nil
}

// readInstant leaves what it cannot read at zero: instants only tell when somebody touched a record.
func readInstant(dec *jsontext.Decoder, to *time.Time) error {
	text, err := scalar(dec, "a time")
	if err != nil {
		return err
	}
	*to, err = time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		*to = time.Time{}
	}
	return nil
}

// skipEmptyText takes "" for an object that is not set.
func skipEmptyText[T any](dec *jsontext.Decoder, to *T) error {
	if dec.PeekKind() != '"' {
		return json.SkipFunc
	}
	text, err := scalar(dec, "an object")
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) != "" {
		return errors.New("want an object, got text")
	}
	var none T
	*to = none
	return nil
}
