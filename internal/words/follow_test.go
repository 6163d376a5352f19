package words_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// part is where a key comes from: a text, or a parameter with texts around it.
type part struct {
	before, after string
	param         int // or -1
}

// resolve follows e, inside fn if that is not nil, to where it comes from.
func (s *source) resolve(fn *function, f *file, e ast.Expr, depth int) []part {
	dark := []part{{before: hole, param: -1}}
	if depth > 6 {
		return dark
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, ok := literal(e); ok {
			return []part{{before: text, param: -1}}
		}
	case *ast.ParenExpr:
		return s.resolve(fn, f, e.X, depth+1)
	case *ast.BinaryExpr:
		return joined(s.resolve(fn, f, e.X, depth+1), s.resolve(fn, f, e.Y, depth+1))
	case *ast.Ident:
		if parts := s.variable(fn, f, e.Name, depth); parts != nil {
			return parts
		}
	case *ast.CallExpr:
		if parts := s.results(f, e, depth); parts != nil {
			return parts
		}
	}
	return dark
}

// variable follows a name: a parameter, what is assigned to it, a constant.
func (s *source) variable(fn *function, f *file, name string, depth int) []part {
	var parts []part
	if fn != nil {
		if i := slices.Index(fn.params, name); i >= 0 {
			parts = append(parts, part{param: i})
		}
		ast.Inspect(fn.decl, func(n ast.Node) bool {
			for left, right := range assigned(n) {
				if left == name && !mentions(right, name) {
					parts = append(parts, s.resolve(fn, f, right, depth+1)...)
				}
			}
			return true
		})
	}
	if value := s.consts[f.dir+"."+name]; parts == nil && value != nil {
		return s.resolve(nil, f, value, depth+1)
	}
	return parts
}

// results follows a call into what the function returns.
func (s *source) results(f *file, call *ast.CallExpr, depth int) []part {
	same := s.funcs[f.id(call)]
	if len(same) != 1 || same[0].decl.Body == nil || same[0].decl.Type.Results.NumFields() != 1 {
		return nil
	}
	fn := same[0]
	var parts []part
	ast.Inspect(fn.decl.Body, func(n ast.Node) bool {
		if _, inner := n.(*ast.FuncLit); inner {
			return false
		}
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			for _, p := range s.resolve(fn, fn.file, ret.Results[0], depth+1) {
				if p.param >= 0 { // the argument is checked where it is one
					p = part{before: p.before + hole + p.after, param: -1}
				}
				parts = append(parts, p)
			}
		}
		return true
	})
	return parts
}

// joined is every left part before every right part.
func joined(left, right []part) []part {
	var all []part
	for _, l := range left {
		for _, r := range right {
			switch {
			case l.param < 0:
				r.before = l.before + l.after + r.before
				all = append(all, r)
			case r.param < 0:
				l.after += r.before + r.after
				all = append(all, l)
			default:
				l.after += r.before + hole + r.after
				all = append(all, l)
			}
		}
	}
	return all
}

// values yields the names and values of a declaration.
func values(d *ast.GenDecl) func(yield func(string, ast.Expr) bool) {
	return func(yield func(string, ast.Expr) bool) {
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for name, value := range assigned(v) {
					if !yield(name, value) {
						return
					}
				}
			}
		}
	}
}

// assigned yields what a statement or a declaration gives to which name.
func assigned(n ast.Node) func(yield func(string, ast.Expr) bool) {
	return func(yield func(string, ast.Expr) bool) {
		var left, right []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			left, right = n.Lhs, n.Rhs
		case *ast.ValueSpec:
			for _, name := range n.Names {
				left = append(left, name)
			}
			right = n.Values
		}
		for i := range min(len(left), len(right)) {
			if name, ok := left[i].(*ast.Ident); ok && !yield(name.Name, right[i]) {
				return
			}
		}
	}
}

// mentions says that e is worked out from the variable itself.
func mentions(e ast.Expr, name string) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok { // it.key is not key
			found = found || mentions(sel.X, name)
			return false
		}
		id, ok := n.(*ast.Ident)
		found = found || (ok && id.Name == name)
		return true
	})
	return found
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	return unquoted(lit), true
}

func unquoted(lit *ast.BasicLit) string {
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}
